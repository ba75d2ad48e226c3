"""The morphed person: measures, joints, skin weights, shapes, and that left is like right."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.forge.anatomy.body import make_body
from assets.forge.anatomy.face import Face
from assets.forge.source import Source
from tests.assets.forge.forged import body, wheel

LEFT_JOINTS = [name for name in body().skeleton.names if name.endswith("_l")]


def test_she_stands_on_the_floor_and_is_as_tall_as_asked() -> None:
    skin = body().vertices[body().groups["body"]]
    assert skin[:, 1].min() == pytest.approx(0.0, abs=1e-9)
    assert np.ptp(skin[:, 1]) == pytest.approx(1.68)
    assert Face(body()).nose[2] == skin[skin[:, 1] > 1.45][:, 2].max()  # she faces +z


def test_joints_lie_where_they_are_in_a_person() -> None:
    height = {name: body().joint(name)[1] for name in ("foot_l", "calf_l", "pelvis", "spine_03", "neck_01", "head")}
    assert list(height.values()) == sorted(height.values())
    assert body().joint("hand_l")[0] > body().joint("lowerarm_l")[0] > body().joint("upperarm_l")[0] > 0
    for name in LEFT_JOINTS:
        mirrored = body().joint(name.removesuffix("_l") + "_r") * [-1, 1, 1]
        np.testing.assert_allclose(body().joint(name), mirrored, atol=0.004)
    parents = body().skeleton.parents
    assert parents[0] == -1 and (parents[1:] >= 0).all() and (parents < np.arange(len(parents))).all()


def test_skin_weights_are_shares_of_real_joints() -> None:
    person = body()
    np.testing.assert_allclose(person.skin_weights.sum(axis=1), 1, atol=1e-6)
    assert person.skin_weights.min() >= 0
    assert person.skin_joints.max() < len(person.skeleton.names)
    names = np.array(person.skeleton.names)
    assert set(names[person.skin_joints[person.groups["helper-l-eye"], 0]]) == {"eye_l"}
    assert set(names[person.skin_joints[person.groups["helper-upper-teeth"], 0]]) == {"head"}


def test_the_body_is_symmetric() -> None:
    skin = body().vertices[body().groups["body"]]
    distance, _ = cKDTree(skin).query(skin * [-1, 1, 1])
    assert np.percentile(distance, 99) < 0.001 and distance.max() < 0.004


def test_all_arkit_shapes_move_something_and_not_too_much() -> None:
    moved = np.linalg.norm(body().shapes, axis=2).max(axis=1)
    assert body().shapes.shape[0] == len(ARKIT_SHAPES) == 52
    assert np.isfinite(body().shapes).all()
    assert moved.min() > 0.001 and moved.max() < 0.06


def test_the_jaw_takes_the_lower_teeth_along_and_leaves_the_upper() -> None:
    jaw = body().shapes[INDEX["jawOpen"]]
    assert jaw[body().groups["helper-lower-teeth"], 1].mean() < -0.008
    assert np.abs(jaw[body().groups["helper-upper-teeth"]]).max() == 0


def test_a_blink_brings_the_upper_lid_down() -> None:
    blink = body().shapes[INDEX["eyeBlinkLeft"]]
    assert blink[:, 1].min() < -0.008
    assert np.abs(blink[body().triangles["lashes_r"]]).max() == 0


def test_the_seed_is_the_person() -> None:
    with Source(wheel()) as source:
        again, other = make_body(source, seed=0), make_body(source, seed=1)
    np.testing.assert_array_equal(again.vertices, body().vertices)
    head = body().vertices[:, 1] > 1.5
    assert 0.0005 < np.linalg.norm(other.vertices - again.vertices, axis=1)[head].mean() < 0.03


def test_the_front_of_the_face_is_found() -> None:
    face = Face(body())
    triangle, weights = face.front(np.array([face.nose[:2], face.mouth[:2]]))
    found = np.einsum("nk,nkc->nc", weights, body().vertices[body().triangles["body"][triangle]])
    np.testing.assert_allclose(found[0], face.nose, atol=1e-4)
    np.testing.assert_allclose(found[:, :2], [face.nose[:2], face.mouth[:2]], atol=1e-9)
    assert face.nostrils[0, 1] < face.nose[1] and face.nostrils[0, 2] < face.nose[2]
