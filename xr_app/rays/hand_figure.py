"""The user's hands where no camera shows them: the joints of bare ones as rounded bones, others as what they hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.strokes import FLOATS, NONE
from xr_app.input.inputs import Hand, Source
from xr_app.input.joints import Joint, Joints

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_CHAINS: Final = ((1, 2, 3, 4, 5), *((1, first, *range(first + 1, first + 5)) for first in (6, 11, 16, 21)))
"""Joints of thumb and fingers, from the wrist to the tip."""
_KNUCKLES: Final = (7, 12, 17, 22)
_BONES: Final = np.array([pair for chain in (*_CHAINS, _KNUCKLES) for pair in pairwise(chain)], np.intp)
_PALM_M: Final = 0.095
"""From the wrist to the knuckle of the middle finger, in a hand of these sizes."""
_RADII: Final = np.full(26, 0.0085, np.float32)
_RADII[[1, 2, 6, 11, 16, 21]] = 0.014
_RADII[[3, 7, 12, 17, 22]] = 0.0115
_RADII[[5, 10, 15, 20, 25]] = 0.007
_SKIN: Final = (0.42, 0.45, 0.52, 1.0)
_CASE: Final = (0.16, 0.17, 0.20, 1.0)
_ROUND: Final = (0.0, 1.0, 0.0)
_HANDLE: Final = ((0.0, -0.01, 0.055), (0.0, 0.005, -0.045), 0.017)
"""Of a controller in the axes of its grip: both ends and the radius; -z leaves the hand at the thumb."""
_HEAD: Final = ((-0.012, 0.008, -0.055), (0.012, 0.008, -0.055), 0.026)
_NECK_M: Final = 0.2
"""From the grip to where a controller points from, at most."""


def hand_figure(hands: Sequence[Hand]) -> F32:
    """(n, FLOATS) strokes of the hands that are seen."""
    parts = [part for hand in hands if (part := _of(hand)) is not None]
    return np.concatenate(parts) if parts else NONE


def _of(hand: Hand) -> F32 | None:
    if hand.joints is not None:
        return _bones(hand.joints)
    if hand.source in (Source.CONTROLLER, Source.HAND) and hand.grip is not None:
        return _controller(hand.grip, hand.aim)
    return None


def _bones(joints: Joints) -> F32:
    points = joints.poses[:, 4:]
    size = math.dist(joints.points[Joint.WRIST], joints.points[Joint.MIDDLE_KNUCKLE]) / _PALM_M
    ends = np.empty((26, 4), np.float32)
    ends[:, :3], ends[:, 3] = points, size * _RADII
    strokes = np.empty((len(_BONES), FLOATS), np.float32)
    strokes[:, :8] = ends[_BONES].reshape(-1, 8)
    strokes[:, 8:12] = strokes[:, 12:16] = _SKIN
    strokes[:, 16:] = _ROUND
    return strokes


def _controller(grip: F64, aim: F64 | None) -> F32:
    rows = []
    for first, last, radius in (_HANDLE, _HEAD):
        ends = [(grip @ (*end, 1.0))[:3].tolist() for end in (first, last)]
        rows.append([*ends[0], radius, *ends[1], radius, *_CASE, *_CASE, *_ROUND])
    if aim is not None and float(np.linalg.norm(aim[:3, 3] - grip[:3, 3])) < _NECK_M:
        front = (grip @ (0.0, 0.008, -0.055, 1.0))[:3].tolist()
        rows.append([*front, 0.014, *aim[:3, 3].tolist(), 0.009, *_CASE, *_CASE, *_ROUND])
    return np.array(rows, np.float32)
