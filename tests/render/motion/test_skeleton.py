"""Skinning matrices against forward kinematics done joint by joint, and under a turned world."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from assets.avatar import Skeleton
from render.measure.cloud import make_cloud
from render.motion.skeleton import skinning_matrices

SKELETON = make_cloud(10).skeleton
JOINTS = len(SKELETON.names)


def _quaternions(rotation: Rotation) -> np.ndarray:
    return rotation.as_quat()[:, [3, 0, 1, 2]]


def _turned(skeleton: Skeleton, turn: Rotation) -> Skeleton:
    world = np.eye(4)
    world[:3, :3] = turn.as_matrix()
    return Skeleton(skeleton.names, skeleton.parents, (world @ skeleton.rest).astype(np.float32))


def test_rest_is_the_identity() -> None:
    rest = np.tile((1.0, 0, 0, 0), (JOINTS, 1))
    assert skinning_matrices(SKELETON, rest, np.zeros(3)) == pytest.approx(np.tile(np.eye(4), (JOINTS, 1, 1)), abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_points_go_where_each_joint_in_turn_sends_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rotations = Rotation.random(JOINTS, random_state=seed)
    translation = rng.normal(size=3)
    matrices = skinning_matrices(SKELETON, _quaternions(rotations), translation)
    for joint in range(JOINTS):
        point = here = rng.normal(size=3)
        at = joint
        while at >= 0:  # turn about the joint's rest place, then about its parent's, up to the root
            centre = SKELETON.rest[at, :3, 3].astype(float)
            here = rotations[at].apply(here - centre) + centre
            at = int(SKELETON.parents[at])
        assert matrices[joint] @ np.append(point, 1) == pytest.approx(np.append(here + translation, 1), abs=2e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_a_turned_world_turns_everything(seed: int) -> None:
    turn, pose = Rotation.random(random_state=seed), Rotation.random(JOINTS, random_state=seed + 1)
    world = np.eye(4)
    world[:3, :3] = turn.as_matrix()
    move = np.array([0.1, 0.2, 0.3])
    here = skinning_matrices(SKELETON, _quaternions(pose), move)
    there = skinning_matrices(_turned(SKELETON, turn), _quaternions(turn * pose * turn.inv()), turn.apply(move))
    assert there == pytest.approx(world @ here @ world.T, abs=2e-5)


def test_only_what_hangs_on_a_joint_moves_with_it() -> None:
    rotations = np.tile((1.0, 0, 0, 0), (JOINTS, 1))
    elbow = SKELETON.names.index("lowerarm_l")
    rotations[elbow] = (0.8, 0.6, 0, 0)
    moved = np.abs(skinning_matrices(SKELETON, rotations, np.zeros(3)) - np.eye(4)).max(axis=(1, 2)) > 1e-6
    assert [name for name, flag in zip(SKELETON.names, moved, strict=True) if flag] == ["lowerarm_l", "hand_l"]
