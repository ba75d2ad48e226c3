"""What a bare hand does, read from the 26 joints of XR_EXT_hand_tracking: pure functions, free of state.

Lengths are measured in lengths of the palm, wrist to knuckle of the middle finger, which no gesture changes and which
is about 95 mm in an adult. Joints are (26, 4, 4) to the world; in each, -z points to the finger's tip and +y out of the
back of the hand.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.input.inputs import Side

F64 = NDArray[np.float64]


class Joint(IntEnum):
    """Those that gestures are read from, by their places in XrHandJointEXT."""

    PALM = 0
    WRIST = 1
    THUMB_TIP = 5
    INDEX_KNUCKLE = 7
    INDEX_TIP = 10
    MIDDLE_KNUCKLE = 12
    MIDDLE_TIP = 15
    RING_TIP = 20
    LITTLE_TIP = 25


_FINGERS: Final = (Joint.INDEX_TIP, Joint.MIDDLE_TIP, Joint.RING_TIP, Joint.LITTLE_TIP)

_TOUCHING, _APART = 0.20, 0.75
"""Between the tips of thumb and index finger: joints lie inside the fingers, so they never meet. 19 and 71 mm."""
_CLOSED, _OPEN = 0.50, 1.05
"""From the palm's middle to the tip of the finger that is farthest from it."""
_CURLED_INDEX: Final = 0.56
"""A pinching index finger keeps away from the palm; that of a fist, whose thumb may well lie at its tip, does not."""
_FLAT: Final = 0.75
"""From the palm's middle to the tip of each finger of an open hand, at least."""

_REACH_M: Final = 0.8
"""No palm is held farther from one's own eyes."""
_IN_VIEW: Final = math.cos(math.radians(50))

_SHOULDER: Final = (0.17, -0.20, 0.08)
"""Of the right one, from between the eyes, in the frame of a level head: eyes are some 0.19 m over the shoulder's top
and before it, shoulder joints some 0.34 m apart (US Army anthropometric survey of 1988, medians of men and women)."""
_PIVOT: Final = 0.5
"""Pointing turns about a place between shoulder (0) and wrist (1): from the shoulder alone a low hand points at the
floor, from the wrist alone the ray trembles."""


def pinch(joints: F64) -> float:
    """How far thumb and index finger have come together: 0 wide apart to 1 touching; 0 in a fist."""
    points = joints[:, :3, 3].tolist()
    palm = _palm(points)
    if palm <= 0.0 or math.dist(points[Joint.INDEX_TIP], points[Joint.PALM]) < _CURLED_INDEX * palm:
        return 0.0
    apart = math.dist(points[Joint.THUMB_TIP], points[Joint.INDEX_TIP]) / palm
    return _unit((_APART - apart) / (_APART - _TOUCHING))


def fist(joints: F64) -> float:
    """How far the four fingers are closed: 0 while any of them is stretched to 1 with all tips in the palm."""
    points = joints[:, :3, 3].tolist()
    palm = _palm(points)
    if palm <= 0.0:
        return 0.0
    farthest = max(math.dist(points[tip], points[Joint.PALM]) for tip in _FINGERS) / palm
    return _unit((_OPEN - farthest) / (_OPEN - _CLOSED))


def is_flat(joints: F64) -> bool:
    """Whether all four fingers are stretched."""
    points = joints[:, :3, 3].tolist()
    palm = _palm(points)
    return palm > 0.0 and all(math.dist(points[tip], points[Joint.PALM]) > _FLAT * palm for tip in _FINGERS)


def palm_to_eyes(joints: F64, head: F64) -> float:
    """How squarely the palm is turned to the user's eyes: cosine of the angle between its normal and the way to them.

    -1 where it is not held up to be looked at: out of reach or beside the view. head: (4, 4) to the world.
    """
    palm = joints[Joint.PALM]
    away: list[float] = (head[:3, 3] - palm[:3, 3]).tolist()
    distance = math.hypot(*away)
    if not 0.0 < distance < _REACH_M:
        return -1.0
    seen = sum(a * b for a, b in zip(away, head[:3, 2].tolist(), strict=True)) / distance
    if seen < _IN_VIEW:
        return -1.0
    normal: list[float] = palm[:3, 1].tolist()
    return -sum(a * b for a, b in zip(away, normal, strict=True)) / distance


def ray(joints: F64, head: F64, side: Side) -> tuple[F64, F64]:
    """Where a bare hand points: origin at its knuckle, unit direction, both (3,) in the world.

    The knuckle of the index finger keeps still in a pinch, whose fingertips do not.
    """
    knuckle, wrist = joints[Joint.INDEX_KNUCKLE, :3, 3], joints[Joint.WRIST, :3, 3]
    pivot = (1.0 - _PIVOT) * shoulder(head, side) + _PIVOT * wrist
    way = knuckle - pivot
    length = math.hypot(*way.tolist())
    return knuckle, way / length if length > 1e-6 else -joints[Joint.PALM, :3, 2]


def shoulder(head: F64, side: Side) -> F64:
    """(3,) about where the joint of a shoulder is, were the body turned as the head is."""
    right, down, back = _SHOULDER
    x, z = float(head[0, 2]), float(head[2, 2])
    if math.hypot(x, z) < 0.2:  # looks straight up or down: the body faces where the top of the head tells
        up = -math.copysign(1.0, float(head[1, 2]))
        x, z = up * float(head[0, 1]), up * float(head[2, 1])
    length = math.hypot(x, z) or 1.0
    x, z = x / length, z / length
    across = right if side == "right" else -right
    place: F64 = head[:3, 3] + np.array([z * across + x * back, down, -x * across + z * back])
    return place


def grip_pose(joints: F64, side: Side) -> F64:
    """(4, 4) in the middle of the palm as OpenXR's grip pose has it: with both thumbs up and fingers ahead +x points
    right, through either palm, and -z upwards, through the closed hand from the little finger to the thumb.
    """
    palm = joints[Joint.PALM]
    pose: F64 = palm.copy()
    sign = 1.0 if side == "right" else -1.0
    pose[:3, 0], pose[:3, 1], pose[:3, 2] = sign * palm[:3, 1], palm[:3, 2], sign * palm[:3, 0]
    return pose


def pointing(origin: F64, way: F64) -> F64:
    """(4, 4) pose at `origin` whose -z is the unit vector `way` and whose x is level, as far as that can be."""
    x, y, z = (-way).tolist()
    across = math.hypot(x, z)
    right = (z / across, 0.0, -x / across) if across > 1e-6 else (1.0, 0.0, 0.0)
    pose = np.eye(4)
    pose[:3, 0] = right
    pose[:3, 1] = (y * right[2], z * right[0] - x * right[2], -y * right[0])  # z × x; x has no height
    pose[:3, 2] = x, y, z
    pose[:3, 3] = origin
    return pose


def _palm(points: list[list[float]]) -> float:
    return math.dist(points[Joint.WRIST], points[Joint.MIDDLE_KNUCKLE])


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
