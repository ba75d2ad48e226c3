"""By how much distances change, as it is told from the poses alone, against the vertices' own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.pose import PoseKey
from render.stages.extent import Extent
from render.stages.sight import Sight
from tests.render import oracle
from tests.render.scenes import key

HEADS = [np.array(head) for head in ((0.2, 1.4, 1.7), (-0.9, 1.6, 0.4), (0.1, 1.5, 0.6), (2.5, 0.3, -2.0))]


def made(avatar: Avatar, corrections: float = 0.0) -> Extent:
    return Extent(avatar.mesh, avatar.gaussians, len(avatar.skeleton.names), 3.33, corrections)


@pytest.fixture(scope="module")
def extent(person: Avatar) -> Extent:
    return made(person)


def poses(avatar: Avatar) -> list[PoseKey]:
    return [
        key(avatar, 0),
        key(avatar, 1, 2.0, arm_degrees=150, jawOpen=1.0),
        key(avatar, 2, 5.0, arm_degrees=-60, mouthSmileLeft=1.0),
        key(avatar, 3, 5.1, arm_degrees=-50, jawOpen=0.3),
    ]


def distances(avatar: Avatar, pose: PoseKey, head: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(oracle.deform(avatar, pose) - head, axis=1))


@pytest.mark.parametrize("number", range(len(HEADS)))
def test_no_distance_changes_by_more_than_said(person: Avatar, extent: Extent, number: int) -> None:
    head, factors = HEADS[number], []
    for a in poses(person):
        sight = Sight(extent, extent.place(a), head)
        for b in poses(person):
            changed = np.abs(distances(person, b, head) - distances(person, a, head)).max()
            said, _ = sight.shifted(extent.place(b))
            assert changed <= said + 1e-5
            if changed > 1e-3:
                factors.append(said / changed)
    assert np.median(factors) < 5, "and the bound is of use"


def test_what_passes_by_is_no_motion_and_what_comes_is(person: Avatar, extent: Extent) -> None:
    """The whole body a centimetre aside and a centimetre ahead, seen from the front."""
    rest = key(person, 0)
    head = np.array([0.0, 1.2, 3.0])
    sight, said = Sight(extent, extent.place(rest), head), []
    for way in ((0.01, 0.0, 0.0), (0.0, 0.0, 0.01)):
        joints = rest.joints.copy()
        joints[:, :3, 3] += np.array(way)
        said.append(sight.shifted(extent.place(replace(rest, joints=joints)))[0])
    aside, ahead = said
    assert ahead == pytest.approx(0.01, rel=0.1)
    assert aside < 0.5 * ahead


def test_a_jaw_that_falls_counts_for_less_than_lips_that_come(person: Avatar) -> None:
    """As many millimetres of each, from the front and from above."""
    down, out = np.zeros_like(person.mesh.shapes[:2])
    face = int(person.mesh.vertices[:, 2].argmax())
    down[face], out[face] = (0.0, -0.02, 0.0), (0.0, 0.0, 0.02)
    names = ("falls", "comes")
    mesh = replace(person.mesh, shapes=np.stack([down, out]))
    avatar = replace(person, mesh=mesh, expressions=names)
    extent, rest = made(avatar), key(avatar, 0)
    x, y, z = mesh.vertices[face].tolist()
    for head, seen in (((x, y, z + 1.5), "comes"), ((x, y + 1.5, z), "falls")):
        sight = Sight(extent, extent.place(rest), np.array(head))
        said = {}
        for name in names:
            weights = np.array([float(name == each) for each in names], np.float32)
            said[name], moved = sight.shifted(extent.place(replace(rest, expression=weights)))
            assert moved == pytest.approx(0.02, rel=1e-3)  # shapes are halves
        assert said[seen] == pytest.approx(0.02, rel=0.05)
        assert min(said.values()) < 0.1 * said[seen]


def test_a_joint_moves_only_as_much_of_the_body_as_it_has_weight_on(person: Avatar) -> None:
    """A thousandth of a hand on the other side of the body is neither lost nor taken for the hand."""
    mesh = person.mesh
    hand = person.skeleton.names.index("hand_l")
    far = int(mesh.vertices[:, 0].argmin())
    joints, weights = mesh.skin_joints.copy(), mesh.skin_weights.copy()
    joints[far, -1], weights[far] = hand, np.append(weights[far, :-1] / weights[far, :-1].sum() * 0.999, 0.001)
    copied = replace(person, mesh=replace(mesh, skin_joints=joints, skin_weights=weights))
    one, other = made(person), made(copied)
    a, b = key(person, 0, arm_degrees=30), key(person, 1, arm_degrees=90)
    said, told = (Sight(e, e.place(a), HEADS[0]).shifted(e.place(b))[0] for e in (one, other))
    assert said < told < 1.02 * said
    boxes = other.place(b).box
    assert (oracle.deform(copied, b) >= boxes[0] - 1e-5).all() and (oracle.deform(copied, b) <= boxes[-1] + 1e-5).all()


def test_corrections_count_as_a_share_of_the_motion_and_twice_their_reach_at_most(person: Avatar) -> None:
    corrected = made(person, 0.05)
    for moved in (0.0, 0.005, 0.4, 1.0, 3.0):
        assert corrected.corrected(moved) == pytest.approx(min(0.1 * moved, 0.1))
        assert made(person).corrected(moved) == 0


def test_between_two_poses_it_is_no_more_than_between_what_it_is_in_them(person: Avatar, extent: Extent) -> None:
    places = [extent.place(pose) for pose in poses(person)]
    sight = Sight(extent, places[0], HEADS[2])
    for a in places:
        for b in places:
            ends = np.array([sight.shifted(a), sight.shifted(b)])
            for alpha in (0.25, 0.5, 0.9):
                now = np.array(sight.shifted(a.toward(b, alpha)))
                assert (now <= (1 - alpha) * ends[0] + alpha * ends[1] + 1e-9).all()
    assert sight.shifted(places[0].toward(places[1], 0.0)) == (0.0, 0.0)
