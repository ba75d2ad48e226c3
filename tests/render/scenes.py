"""Poses, places and views that several render tests share."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices
from render.view import View, look_at_pose

F64 = NDArray[np.float64]

BOTH_APIS = pytest.mark.parametrize("gl", ["gl", "gles"], indirect=True)
"""Runs a test that takes `gl` in a context of desktop GL and again in one of GLES."""


def key(avatar: Avatar, id: int, time_s: float = 0.0, arm_degrees: float = 0.0, **expression: float) -> PoseKey:
    """Idle at `time_s`, with the left arm raised ahead and with these expressions."""
    state = Performer(avatar).at(time_s)
    rotations = state.rotations.copy()
    if arm_degrees:
        half = math.radians(arm_degrees) / 2
        rotations[avatar.skeleton.names.index("upperarm_l")] = (math.cos(half), 0, -math.sin(half), 0)
    weights = np.zeros(len(avatar.expressions), np.float32)
    for name, weight in expression.items():
        weights[avatar.expressions.index(name)] = weight
    return PoseKey(id, weights, skinning_matrices(avatar.skeleton, rotations, state.root))


def placed(degrees: float = 40.0, at: tuple[float, float, float] = (0.3, 0.1, -0.2)) -> F64:
    """An avatar-to-world matrix."""
    model = np.eye(4)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    model[:3, :3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]]
    model[:3, 3] = at
    return model


def two_eyes(
    eye: tuple[float, float, float], target: tuple[float, float, float], width: int = 176, height: int = 143
) -> tuple[F64, list[View]]:
    """A head at `eye`, and views of its two eyes whose fields are wider outward than inward and down than up."""
    head = look_at_pose(eye, target)
    views = []
    for side, fov in ((-1, (-0.62, 0.5, 0.48, -0.6)), (1, (-0.5, 0.62, 0.48, -0.6))):
        pose = head.copy()
        pose[:3, 3] += side * 0.032 * head[:3, 0]
        views.append(View(pose, fov, width, height))
    return head, views
