"""Where eyes look: directions as angles, and the turn of an eyeball toward a point.

A way of looking is (left, up, near): degrees to the left of straight ahead, degrees up, and one over the distance in
metres (dioptres), all from one place in the middle of the head. So one of far away is as good as any, and a change of
near alone is vergence.
"""

from __future__ import annotations

from math import asin, atan2, cos, degrees, hypot, radians, sin, tanh
from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.motion.quaternion import IDENTITY, Quaternion, Vector, add, inverse, norm, rotate, scaled, sub, turn, unit

F64 = NDArray[np.float64]

_FREE: Final = 24.0
EYE_MOST: Final = 30.0
"""Degrees from straight ahead in the head: from the first on an eye turns less and less far than it should, and never
beyond the second. An eye can turn 55 and is hardly ever turned by more than 20 to 30 (Guitton & Volle 1987)."""
_NEAREST_M: Final = 0.15


def way_to(place: Vector, middle: Vector) -> F64:
    """(3,) left, up, near of a place, seen from `middle`."""
    x, y, z = sub(place, middle)
    return np.array(
        (degrees(atan2(x, z)), degrees(atan2(y, hypot(x, z))), 1.0 / max(norm((x, y, z)), _NEAREST_M)),
    )


def point_of(way: F64, middle: Vector) -> Vector:
    """The place that is looked at."""
    left, up, near = way.tolist()
    far = 1.0 / max(near, 0.01)
    flat = far * cos(radians(up))
    return add(middle, (flat * sin(radians(left)), far * sin(radians(up)), flat * cos(radians(left))))


def angle(change: F64, up: float = 0.0) -> float:
    """Degrees of a change of way (3,) that begins `up` degrees high."""
    return float(np.hypot(change[0] * cos(radians(up)), change[1]))


def eye_turn(eye: Vector, point: Vector, head: Quaternion) -> Quaternion:
    """The turn, against the head, that makes an eye at `eye` look at `point`; it turns about an axis square to where
    the head faces, so that an eye never rolls (Listing's law; Helmholtz 1867)."""
    x, y, z = unit(rotate(inverse(head), sub(point, eye)))
    aside = hypot(x, y)
    if aside < 1e-9:
        return IDENTITY
    wanted = degrees(asin(min(aside, 1.0))) if z > 0 else 180.0 - degrees(asin(min(aside, 1.0)))
    return turn(scaled((-y, x, 0.0), 1 / aside), _soft(wanted))


def elevation(eye: Quaternion) -> float:
    """Degrees by which an eye that is turned so looks up."""
    return degrees(asin(min(max(rotate(eye, (0.0, 0.0, 1.0))[1], -1.0), 1.0)))


def _soft(wanted: float) -> float:
    """As far as an eye goes; its speed does not jump where it meets its limit."""
    if wanted <= _FREE:
        return wanted
    return _FREE + (EYE_MOST - _FREE) * tanh((wanted - _FREE) / (EYE_MOST - _FREE))
