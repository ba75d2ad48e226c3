"""What a bare hand does, read from the 26 joints of XR_EXT_hand_tracking: pure functions, free of state.

Lengths are measured in lengths of the palm, wrist to knuckle of the middle finger, which no gesture changes and which
is about 95 mm in an adult. The world's y is up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xr_app.input.inputs import Side
from xr_app.input.joints import Joint, Joints

F64 = NDArray[np.float64]
Vector = Sequence[float]
"""x, y, z: plain numbers are faster than arrays of three."""


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


class Fingers(NamedTuple):
    """How they are held."""

    pinch: float
    """How far thumb and index finger have come together: 0 wide apart to 1 touching; 0 in a fist."""
    fist: float
    """How far the four fingers are closed: 0 while any of them is stretched to 1 with all tips in the palm."""
    stretched: bool
    """Whether all four are stretched."""


def fingers(joints: Joints) -> Fingers:
    """How a hand's fingers are held."""
    points = joints.points
    length, palm = math.dist(points[Joint.WRIST], points[Joint.MIDDLE_KNUCKLE]), points[Joint.PALM]
    if length <= 0.0:
        return Fingers(0.0, 0.0, False)
    reach = [math.dist(points[tip], palm) / length for tip in _FINGERS]
    apart = math.dist(points[Joint.THUMB_TIP], points[Joint.INDEX_TIP]) / length
    return Fingers(
        0.0 if reach[0] < _CURLED_INDEX else _unit((_APART - apart) / (_APART - _TOUCHING)),
        _unit((_OPEN - max(reach)) / (_OPEN - _CLOSED)),
        min(reach) > _FLAT,
    )


def palm_to_eyes(joints: Joints, head: F64) -> float:
    """How squarely the palm is turned to the user's eyes: cosine of the angle between its normal and the way to them.

    -1 where it is not held up to be looked at: out of reach or beside the view. head: (4, 4) to the world.
    """
    palm = joints.palm
    away: list[float] = (head[:3, 3] - palm[:3, 3]).tolist()
    distance = math.hypot(*away)
    if not 0.0 < distance < _REACH_M:
        return -1.0
    seen = sum(a * b for a, b in zip(away, head[:3, 2].tolist(), strict=True)) / distance
    if seen < _IN_VIEW:
        return -1.0
    normal: list[float] = palm[:3, 1].tolist()
    return -sum(a * b for a, b in zip(away, normal, strict=True)) / distance


def ray(joints: Joints, head: F64, side: Side) -> tuple[Vector, Vector]:
    """Where a bare hand points: origin at its knuckle, unit direction, both in the world.

    The knuckle of the index finger keeps still in a pinch, whose fingertips do not.
    """
    knuckle, wrist = joints.points[Joint.INDEX_KNUCKLE], joints.points[Joint.WRIST]
    way = [a - (1.0 - _PIVOT) * b - _PIVOT * c for a, b, c in zip(knuckle, shoulder(head, side), wrist, strict=True)]
    if math.hypot(*way) < 1e-6:
        way = (-joints.palm[:3, 2]).tolist()
    return knuckle, unit(way)


def shoulder(head: F64, side: Side) -> Vector:
    """About where the joint of a shoulder is in the world, were the body turned as the head is."""
    right, down, back = _SHOULDER
    (_, up_x, x, place_x), (_, _, y, place_y), (_, up_z, z, place_z) = head[:3].tolist()
    if math.hypot(x, z) < 0.2:  # looks straight up or down: the body faces where the top of the head tells
        x, z = (-math.copysign(each, each * y) for each in (up_x, up_z))
    length = math.hypot(x, z) or 1.0
    x, z = x / length, z / length
    across = right if side == "right" else -right
    return [place_x + z * across + x * back, place_y + down, place_z - x * across + z * back]


def grip_pose(joints: Joints, side: Side) -> F64:
    """(4, 4) in the middle of the palm as OpenXR's grip pose has it: with both thumbs up and fingers ahead +x points
    right, through either palm, and -z upwards, through the closed hand from the little finger to the thumb.
    """
    palm = joints.palm
    pose: F64 = palm.copy()
    sign = 1.0 if side == "right" else -1.0
    pose[:3, 0], pose[:3, 1], pose[:3, 2] = sign * palm[:3, 1], palm[:3, 2], sign * palm[:3, 0]
    return pose


def pointing(origin: Vector, way: Vector) -> F64:
    """(4, 4) pose at `origin` whose -z is the unit vector `way` and whose x is level, as far as that can be."""
    x, y, z = (-each for each in way)
    across = math.hypot(x, z)
    right, back = (z / across, -x / across) if across > 1e-6 else (1.0, 0.0)
    px, py, pz = origin
    return np.array(
        [
            [right, y * back, x, px],
            [0.0, z * right - x * back, y, py],
            [back, -y * right, z, pz],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def unit(vector: Vector) -> Vector:
    """Of length 1."""
    length = math.hypot(*vector)
    return [each / length for each in vector]


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
