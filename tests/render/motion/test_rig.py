"""Bodies under other names: the same person called MakeHuman's, VRM's and Mixamo's way moves alike, T-poses too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assets.avatar import Avatar, Skeleton
from render.motion.performer import Performer
from render.motion.rehearsal import rehearse
from render.motion.rig import SCHEMES, find_rig
from render.motion.skeleton import skinning_matrices
from tests.render.motion.bodies import bare

AVATAR = bare()
ROLES = find_rig(AVATAR.skeleton)


def _called(scheme: str, prefix: str = "") -> Avatar:
    """The same avatar, its joints named after another scheme, as its exporters spell them."""
    roles = {joint: role for role, joint in ROLES.joints.items()}
    names = [
        f"{prefix}{SCHEMES[scheme][roles[i]].title()}" if i in roles else f"Extra{i}"
        for i in range(len(AVATAR.skeleton.names))
    ]
    return replace(AVATAR, skeleton=replace(AVATAR.skeleton, names=tuple(names)))


def _without(avatar: Avatar, *roles: str) -> Avatar:
    gone = {find_rig(avatar.skeleton).joints[role] for role in roles}
    names = tuple(f"thing{i}" if i in gone else name for i, name in enumerate(avatar.skeleton.names))
    return replace(avatar, skeleton=replace(avatar.skeleton, names=names))


def test_makehumans_joints_are_all_found() -> None:
    assert ROLES.scheme == "makehuman"
    left_out = set(AVATAR.skeleton.names) - {AVATAR.skeleton.names[joint] for joint in ROLES.joints.values()}
    assert left_out == {"root"}


@pytest.mark.parametrize(("scheme", "prefix"), [("vrm0", ""), ("vrm1", ""), ("mixamo", "mixamorig:"), ("mixamo", "")])
def test_other_names_make_the_same_motion(scheme: str, prefix: str) -> None:
    score = rehearse("speaking", 20, 4)
    renamed = _called(scheme, prefix)
    assert find_rig(renamed.skeleton).scheme == scheme
    for time in (0.0, 3.3, 9.1):
        expected = Performer(AVATAR, 4, score).at(time).rotations
        assert np.array_equal(Performer(renamed, 4, score).at(time).rotations, expected)


@pytest.mark.parametrize(
    "roles",
    [
        ("neck",),
        ("head", "neck"),
        ("spine_1", "spine_2", "spine_3"),
        ("hand_l",),
        ("foot_r",),
        ("hips",),
        ("shoulder_l", "shoulder_r", "eye_l", "index_1_l", "middle_2_r", "thumb_3_l"),
        tuple(ROLES.joints),
    ],
)
def test_missing_joints_are_left_alone(roles: tuple[str, ...]) -> None:
    avatar = _without(AVATAR, *roles)
    state = Performer(avatar, 1, rehearse("speaking", 10, 1)).at(6.0)
    assert np.isfinite(state.rotations).all()
    assert np.linalg.norm(state.rotations, axis=1) == pytest.approx(1, abs=1e-6)
    for role in roles:
        assert state.rotations[ROLES.joints[role]] == pytest.approx((1, 0, 0, 0))


def _t_pose() -> Avatar:
    """The same person bound with straight arms held out, palms down, as VRM asks for."""
    skeleton, mesh = AVATAR.skeleton, AVATAR.mesh
    turns = np.tile((1.0, 0, 0, 0), (len(skeleton.names), 1))
    performer = Performer(AVATAR, 0)
    figure = performer._figure
    for side, arm in figure.arms.items():
        out = (1.0, 0.0, 0.0) if side == "l" else (-1.0, 0.0, 0.0)
        at = figure._rest[arm.joints[0]]
        bent = arm.bend(at, tuple(np.add(at, np.multiply(out, 2.0))), (0.0, 0.0, -1.0), 0.0, 0.0, 0.0)
        local: dict = {}
        figure._turned[figure._parents[arm.joints[0]]] = (1.0, 0.0, 0.0, 0.0)
        figure._set(local, arm, bent)
        for joint, turn in local.items():
            turns[joint] = turn
    matrices = skinning_matrices(skeleton, turns, np.zeros(3))
    rest = (matrices @ skeleton.rest).astype(np.float32)
    moved = np.einsum("vk,vkab->vab", mesh.skin_weights, matrices[mesh.skin_joints])
    vertices = np.einsum("vab,vb->va", moved[:, :3, :3], mesh.vertices) + moved[:, :3, 3]
    rest[:, :3, :3] = np.eye(3)
    bound = Skeleton(skeleton.names, skeleton.parents, rest)
    return replace(AVATAR, skeleton=bound, mesh=replace(mesh, vertices=vertices.astype(np.float32)))


def test_a_person_bound_in_a_t_pose_moves_like_the_same_one_bound_in_an_a_pose() -> None:
    """What each bone points at is a matter of the pose, not of how the body was bound."""
    other = _t_pose()
    score = rehearse("speaking", 20, 4)
    hands = [
        AVATAR.skeleton.names.index(f"{joint}_{side}") for joint in ("hand", "lowerarm", "index_02") for side in "lr"
    ]
    for time in (1.0, 5.5, 12.3):
        places = [
            (Performer(avatar, 4, score).key(0, time).joints @ avatar.skeleton.rest)[hands, :3, 3]
            for avatar in (AVATAR, other)
        ]
        assert np.abs(places[0] - places[1]).max() < 0.05
