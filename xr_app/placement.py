"""Where the avatar stands: in front of the user, on the floor, facing them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

DISTANCE = 1.6
"""Metres between the user's head and the avatar, over the floor: close enough to talk, not too close for comfort."""


def in_front_of(head: F64, distance: float = DISTANCE) -> F64:
    """(4, 4) avatar-to-world matrix: `distance` metres ahead of the (4, 4) head pose, turned to it, feet on y = 0.

    The avatar's own axes are y up and +z where it faces. Someone who looks straight up or down is taken to face where
    the top or the bottom of the head points.
    """
    forward, up = -head[:3, 2], head[:3, 1]
    x, z = float(forward[0]), float(forward[2])
    if math.hypot(x, z) < 0.2:
        x, z = (float(a) * -math.copysign(1.0, float(forward[1])) for a in (up[0], up[2]))
    length = math.hypot(x, z)
    x, z = x / length, z / length
    # Facing the user is facing against their forward direction; right of that is up x facing.
    return np.array(
        [
            [-z, 0.0, -x, head[0, 3] + distance * x],
            [0.0, 1.0, 0.0, 0.0],
            [x, 0.0, -z, head[2, 3] + distance * z],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )
