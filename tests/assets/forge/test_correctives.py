"""Correctives of forged people: bodies that keep their volume, faces that wrinkle, and a network that says when."""

from collections.abc import Callable
from functools import cache

import numpy as np
import onnxruntime
import pytest

from assets.arkit import INDEX
from assets.avatar import Skeleton
from assets.convert.mnn import to_mnn
from assets.convert.pose_network import network
from assets.forge.anatomy.face import Face
from assets.forge.correctives import folds, wrinkles
from assets.forge.correctives.centres import make_centres
from assets.forge.correctives.mapping import Mapping
from assets.forge.correctives.mesh import MeshNetwork, MeshTruth, learn
from assets.forge.correctives.poses import DRIVEN, drawn_poses, features, usual_poses
from assets.forge.correctives.shade import Probes, learn_shade, skinned, spread
from assets.forge.layer import Layer, Surface, albedo_of, merge, positions, surface_of
from assets.forge.palette import palette
from assets.forge.skin.skin import skin
from assets.forge.source import F64
from render.nets.tensors import Network
from tests.assets.forge.forged import body
from tests.assets.forge.test_light import sheet
from tests.motion_set import motion_set


@cache
def surface() -> Surface:
    return surface_of(body(), body().triangles["body"])


@cache
def learned() -> MeshNetwork:
    return learn(body(), surface(), 0)


@cache
def face_skin() -> Layer:
    triangles = body().triangles["body"]
    below = body().vertices[triangles][:, :, 1].max(axis=1) < body().joint("neck_01")[1]
    return skin(body(), palette(0), seed=0, count=9000, age=40.0, covered=below)


def tube(turn: F64) -> tuple[F64, F64, F64]:
    """Places of a tube's middle ring of radius 0.05 m after its upper half is turned (3, 3) about the ring's middle: at
    rest, turned about its centres, and by blending matrices."""
    rows, columns = 41, 24
    height, angle = np.meshgrid(
        np.linspace(-0.2, 0.2, rows), np.linspace(0, 2 * np.pi, columns + 1)[:-1], indexing="ij"
    )
    vertices = np.stack([0.05 * np.cos(angle), height, 0.05 * np.sin(angle)], axis=2).reshape(-1, 3)
    first = np.arange(rows * columns).reshape(rows, columns)
    a, b = first[:-1].ravel(), np.roll(first, -1, axis=1)[:-1].ravel()
    c, d = first[1:].ravel(), np.roll(first, -1, axis=1)[1:].ravel()
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([c, b, d], 1)]).astype(np.int32)
    upper = np.clip(vertices[:, 1] / 0.06 + 0.5, 0, 1)
    weights = np.stack([1 - upper, upper], axis=1).astype(np.float32)
    joints = np.stack([np.eye(4), np.eye(4)])
    joints[1, :3, :3] = turn
    ring = first[rows // 2]
    rotation, place = make_centres(vertices, triangles, weights, ring).motions(joints)
    turned = np.einsum("nab,nb->na", rotation, vertices[ring]) + place
    blended = np.einsum("nj,jab,nb->na", weights[ring], joints[:, :3, :3], vertices[ring])
    return vertices[ring], turned, blended


def test_a_twisted_tube_does_not_narrow() -> None:
    c, s = np.cos(np.radians(150)), np.sin(np.radians(150))
    rest, turned, blended = tube(np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]))
    assert np.linalg.norm(blended[:, [0, 2]], axis=1).max() < 0.3 * 0.05
    np.testing.assert_allclose(np.linalg.norm(turned[:, [0, 2]], axis=1), 0.05, atol=0.002)
    np.testing.assert_allclose(turned[:, 1], rest[:, 1], atol=1e-6)


def test_a_bent_tube_keeps_its_width() -> None:
    c, s = np.cos(np.radians(100)), np.sin(np.radians(100))
    _, turned, blended = tube(np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]))
    area = [np.linalg.norm(np.cross(p, np.roll(p, -1, axis=0)).sum(axis=0)) / 2 for p in (turned, blended)]
    assert area[0] > 0.95 * np.pi * 0.05**2 > 1.3 * area[1]


def test_skin_moves_with_the_whole_and_rests_at_rest() -> None:
    truth, skeleton = MeshTruth(body(), surface()), body().skeleton
    rest = np.tile(np.eye(4), (len(skeleton.names), 1, 1))
    np.testing.assert_allclose(truth.offsets(rest), 0, atol=1e-6)
    moved = rest.copy()
    c, s = np.cos(1.0), np.sin(1.0)
    moved[:, :3, :3], moved[:, :3, 3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]], [0.3, -0.2, 1.0]
    assert np.abs(truth.offsets(moved)).max() < 0.0006  # as far as the inverse is damped


def acted_poses(skeleton: Skeleton, count: int, seed: int) -> F64:
    avatar = merge([face_skin()], skeleton, name="acts", licence="CC0-1.0")
    return np.stack([key.joints for key in motion_set(avatar, count, seed)]).astype(np.float64)


@pytest.mark.parametrize("make", [drawn_poses, usual_poses, acted_poses])
def test_poses_that_were_not_learned_from_are_corrected(make: Callable[[Skeleton, int, int], F64]) -> None:
    truth, net, skeleton = MeshTruth(body(), surface()), learned(), body().skeleton
    joints = make(skeleton, 10, 99)
    got = net.offsets(features(skeleton, joints).reshape(10, -1))
    wanted = np.zeros_like(got)
    for pose, row in zip(joints, wanted, strict=True):
        row[truth.vertices] = truth.offsets(pose)
    for joint in ("lowerarm_l", "calf_r", "upperarm_r", "thigh_l", "hand_l", "neck_01"):
        near = np.linalg.norm(surface().vertices - body().joint(joint), axis=1) < 0.12
        before, after = (1000 * np.sqrt(np.mean(e[:, near] ** 2)) for e in (wanted, wanted - got))
        assert after < max(0.5 * before, 0.2), f"{joint}: {before:.1f} mm without, {after:.1f} mm with"
    before, after = np.sqrt(np.mean(wanted**2)), np.sqrt(np.mean((wanted - got) ** 2))
    assert after < 0.4 * before


def test_nothing_moves_at_rest() -> None:
    still = np.zeros((1, 9 * len(DRIVEN)))
    np.testing.assert_array_equal(learned().offsets(still), 0)
    table = Mapping(wrinkles.expression_weights(), np.ones((3, still.shape[1])), np.ones((2, still.shape[1])))
    np.testing.assert_array_equal(table.weights(np.zeros((1, 52)), still), 0)


def test_the_network_computes_the_same_everywhere() -> None:
    random, skeleton = np.random.default_rng(0), body().skeleton
    width = 9 * len(DRIVEN)
    mapping = Mapping(
        wrinkles.expression_weights(), random.normal(0, 0.1, (10, width)), random.normal(0, 0.1, (5, width))
    )
    model = network(skeleton, learned(), mapping, np.array([0, 3, 20], np.int32))
    joints, face = drawn_poses(skeleton, 1, 7), random.random((1, 52))
    x = features(skeleton, joints).reshape(1, -1)
    given = {
        "joints": joints[0, :, :3].reshape(-1, 12).astype(np.float32),
        "expression": face.astype(np.float32),
    }
    offsets, light, shift = onnxruntime.InferenceSession(model.SerializeToString()).run(None, given)
    np.testing.assert_allclose(offsets, learned().offsets(x)[0], atol=2e-6)
    np.testing.assert_allclose(light, mapping.weights(face, x), atol=1e-5)
    np.testing.assert_array_equal(shift, light[:, [0, 3, 20]])
    small = to_mnn(model, half=True)
    assert small == to_mnn(model, half=True)
    assert len(small) < 3_000_000
    made = Network(small, lambda shapes: shapes)  # type: ignore[arg-type]
    arrays = given | {name: np.zeros(made.shapes[name], np.float32) for name in made.outputs}
    made.run(arrays, in_place=False)
    np.testing.assert_allclose(arrays["offsets"], offsets, atol=5e-4)


def test_raised_brows_lay_lines_across_the_forehead_alone() -> None:
    layer, face = face_skin(), Face(body())
    marks = wrinkles.wrinkles(layer, face, 40.0, 0)
    place = positions(layer.surface, layer.gaussians) - face.eyes.mean(axis=0)
    lines = marks.light[wrinkles.SHAPES.index("forehead")].mean(axis=1)
    forehead = (place[:, 1] > 0.02) & (place[:, 2] > -0.03) & (np.abs(place[:, 0]) < 0.05)
    assert lines[forehead].min() < -0.08
    assert np.abs(lines[place[:, 1] < 0.01]).max() == 0
    dark = lines < 0.3 * lines.min()
    assert np.ptp(place[dark, 0]) > 2 * np.ptp(place[dark, 1])  # lines, and across
    shift = marks.shift[wrinkles.SHAPES.index("forehead")]
    assert (shift[dark, 0] < 0).all() and (shift[:, 1:] == 0).all()


def test_old_skin_creases_deeper_and_smiles_bring_out_the_right_shapes() -> None:
    young, old = (wrinkles.wrinkles(face_skin(), Face(body()), age, 0).light for age in (20.0, 75.0))
    fold = wrinkles.SHAPES.index("fold_l")
    assert old[fold].min() < 1.5 * young[fold].min() < 0
    smile = np.zeros(52)
    smile[[INDEX["mouthSmileLeft"], INDEX["cheekSquintLeft"]]] = 1
    weights = dict(zip(wrinkles.SHAPES, np.tanh(wrinkles.expression_weights() @ smile), strict=True))
    assert weights["fold_l"] > 0.7 > weights["squint"] > 0.3 and weights["fold_r"] == weights["forehead"] == 0


def test_no_mark_takes_more_light_than_there_is() -> None:
    layer = face_skin()
    darkest = wrinkles.wrinkles(layer, Face(body()), 80.0, 0).light.clip(max=0)
    assert (albedo_of(layer.gaussians) + darkest > 0).all()


def test_cloth_folds_where_it_bends() -> None:
    knee = body().joint("calf_l")
    cloth = sheet(knee + np.array([-0.2, -0.2, 0.06]), np.array([0.4, 0, 0]), np.array([0, 0.4, 0]), 0.006)
    marks = folds.folds(cloth, body(), 0)
    own = folds.SHAPES.index("calf_l")
    away = np.linalg.norm(positions(cloth.surface, cloth.gaussians) - knee, axis=1)
    folded = np.abs(marks.light[own]).max(axis=1)
    assert folded[away < 0.09].max() > 0.1 and folded[away > 0.19].max() == 0
    assert not marks.light[folds.SHAPES.index("lowerarm_l")].any()


def test_shade_is_what_a_lid_takes() -> None:
    floor = sheet(np.array([-0.5, 0.0, -0.5]), np.array([0.0, 0, 1]), np.array([1.0, 0, 0]), 0.05)
    lid = np.array([[-0.5, 1.0, -0.5], [-0.5, 1.0, 0.5], [0.5, 1.0, 0.5], [0.5, 1.0, -0.5]])
    both = Surface(
        np.concatenate([floor.surface.vertices, lid + np.array([0, 50.0, 0])]),
        np.concatenate([floor.surface.triangles, floor.surface.triangles + 4]),
        np.zeros((8, 4), np.uint16),
        np.tile(np.array([1, 0, 0, 0], np.float32), (8, 1)),
        np.zeros((52, 8, 3), np.float32),
    )
    near = np.linalg.norm(positions(floor.surface, floor.gaussians), axis=1) < 0.1
    probes = Probes(both, floor.gaussians, floor.normals, np.arange(4), 0)
    lowered = both.vertices.copy()
    np.testing.assert_allclose(probes.change(lowered), 0, atol=1e-9)
    lowered[4:, 1] -= 50.0
    change = probes.change(lowered)[near].mean()
    # what a square of half side 0.5 at height 1 takes is about what a disc of its area takes
    assert change == pytest.approx(-(np.sin(np.arctan(np.sqrt(1 / np.pi))) ** 2), abs=0.05)


def test_shapes_of_shade_are_found_again() -> None:
    random = np.random.default_rng(0)
    x = random.normal(0, 0.5, (400, 9 * len(DRIVEN)))
    wanted = x[:, :3] @ random.normal(0, 1, (3, 50))
    found = learn_shade(x, wanted)
    made = x @ found.weights.T @ found.shapes
    assert np.corrcoef(made.ravel(), wanted.ravel())[0, 1] > 0.97
    points, up = random.random((300, 3)), np.tile([0.0, 1.0, 0.0], (300, 1))
    np.testing.assert_allclose(spread(np.ones((2, 300)), (points, up), (points[:7] + 0.01, up[:7])), 1)


def test_skinning_is_that_of_the_renderer() -> None:
    joints = drawn_poses(body().skeleton, 1, 3)[0]
    here, offsets = surface(), np.full((len(surface().vertices), 3), 0.01)
    matrices = np.einsum("vk,vkab->vab", here.skin_weights, joints[here.skin_joints])
    wanted = np.einsum("vab,vb->va", matrices[:, :3, :3], here.vertices + offsets) + matrices[:, :3, 3]
    np.testing.assert_allclose(skinned(here, joints, offsets), wanted, atol=1e-9)
