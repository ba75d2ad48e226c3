"""Rigid poses: OpenXR's quaternion and position, and 4x4 matrices.

Axes are OpenXR's: x right, y up, -z forward, metres. A matrix takes points of the posed frame to the frame it is in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


class Pose(NamedTuple):
    """A rigid pose as OpenXR writes it."""

    orientation: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    """Unit quaternion x, y, z, w."""
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)


def matrix(pose: Pose) -> F64:
    """(4, 4) matrix of a pose; the quaternion is normalised first, runtimes send it in single precision."""
    return matrix_of(*pose.orientation, *pose.position)


def matrix_of(x: float, y: float, z: float, w: float, px: float, py: float, pz: float) -> F64:
    """The same of its seven numbers, quaternion first, as OpenXR's structures have them."""
    s = 2.0 / (x * x + y * y + z * z + w * w)
    return np.array(
        [
            [1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y), px],
            [s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x), py],
            [s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y), pz],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def moved(pose: Pose, change: F64) -> Pose:
    """Where a rigid (4, 4) change brings it."""
    there = change @ matrix(pose)
    x, y, z = there[:3, 3].tolist()
    return Pose(quaternion(there[:3, :3]), (x, y, z))


def quaternion(turn: F64) -> tuple[float, float, float, float]:
    """Unit quaternion x, y, z, w of a (3, 3) rotation, by Shepperd's method (J. Guidance and Control 1, 1978): from
    the largest of the four, so that nothing is divided by what is nearly zero."""
    (a, b, c), (d, e, f), (g, h, i) = turn.tolist()
    trace = a + e + i
    largest = max(a, e, i, trace)
    if largest == trace:
        x, y, z, w = h - f, c - g, d - b, 1.0 + trace
    elif largest == a:
        x, y, z, w = 1.0 - trace + 2 * a, d + b, g + c, h - f
    elif largest == e:
        x, y, z, w = b + d, 1.0 - trace + 2 * e, h + f, c - g
    else:
        x, y, z, w = c + g, f + h, 1.0 - trace + 2 * i, d - b
    length = math.sqrt(x * x + y * y + z * z + w * w)
    return x / length, y / length, z / length, w / length


def looking(eye: Sequence[float], target: Sequence[float], roll: float = 0.0) -> Pose:
    """Pose at `eye` whose -z axis points at `target` with the horizon level, then rolled by `roll` radians.

    Raises ValueError where the target is straight above or below the eye: the horizon is undefined there.
    """
    dx, dy, dz = (b - a for a, b in zip(eye, target, strict=True))
    across = math.hypot(dx, dz)
    if across < 1e-9:
        raise ValueError("the target is straight above or below the eye")
    yaw, pitch = math.atan2(-dx, -dz), math.atan2(dy, across)
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    # yaw about y, then pitch about x, then roll about z: q = qy qx qz
    x, y, z, w = cy * sp, sy * cp, -sy * sp, cy * cp
    orientation = (x * cr + y * sr, y * cr - x * sr, z * cr + w * sr, w * cr - z * sr)
    return Pose(orientation, (float(eye[0]), float(eye[1]), float(eye[2])))
