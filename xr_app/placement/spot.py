"""A place on the floor: where feet stand, which way they point, how large who stands there is.

Axes are the session's (x right, y up, -z ahead of who faced that way, metres); the avatar's own are y up and +z where
it faces. A yaw of 0 faces +z, a quarter turn +x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

DISTANCE: Final = 1.6
"""Metres between the user's head and the avatar, over the floor: close enough to talk, not too close for comfort."""
FARTHEST: Final = 1e4
"""Metres from the origin beyond which no tracked thing is."""
_SHORTEST, _LONGEST = 0.9**2, 1.1**2
"""Squares of a pose's axes."""


@dataclass(frozen=True)
class Spot:
    """Where someone stands."""

    x: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    """Radians about y, of any number of turns."""
    scale: float = 1.0
    """1 is human size."""

    def model(self, floor: float = 0.0) -> F64:
        """(4, 4) avatar to world with the feet at this height."""
        c, s, k = math.cos(self.yaw), math.sin(self.yaw), self.scale
        return np.array(
            [
                [k * c, 0.0, k * s, self.x],
                [0.0, k, 0.0, floor],
                [-k * s, 0.0, k * c, self.z],
                [0.0, 0.0, 0.0, 1.0],
            ]
        )

    def seen_from(self, change: F64) -> Spot:
        """The same place in another space; change: (4, 4) from this space to that one, upright."""
        x, _, z = (change @ (self.x, 0.0, self.z, 1.0))[:3].tolist()
        ahead = change[:3, :3] @ (math.sin(self.yaw), 0.0, math.cos(self.yaw))
        return Spot(x, z, math.atan2(ahead[0], ahead[2]), self.scale)


def in_front_of(head: F64, distance: float = DISTANCE) -> F64:
    """(4, 4) avatar to world: `ahead_of` the head, feet on y = 0."""
    return ahead_of(head, distance).model()


def ahead_of(head: F64, distance: float = DISTANCE, scale: float = 1.0) -> Spot:
    """`distance` metres ahead of the (4, 4) head pose, over the floor, turned to it.

    Someone who looks straight up or down is taken to face where the top or the bottom of the head points.
    """
    x, z = heading(head)
    return facing(float(head[0, 3]) + distance * x, float(head[2, 3]) + distance * z, head, scale)


def facing(x: float, z: float, head: F64, scale: float = 1.0, otherwise: float = 0.0) -> Spot:
    """At a place, turned to the head; turned by `otherwise` where the head is right above."""
    dx, dz = float(head[0, 3]) - x, float(head[2, 3]) - z
    return Spot(x, z, math.atan2(dx, dz) if math.hypot(dx, dz) > 1e-6 else otherwise, scale)


def heading(pose: F64) -> tuple[float, float]:
    """Unit x and z of where the pose's -z points over the floor; where that is straight up or down, of where the top
    or the bottom points."""
    forward, up = -pose[:3, 2], pose[:3, 1]
    x, z = float(forward[0]), float(forward[2])
    if math.hypot(x, z) < 0.2 * float(np.linalg.norm(forward)):
        x, z = (float(a) * -math.copysign(1.0, float(forward[1])) for a in (up[0], up[2]))
    length = math.hypot(x, z)
    return (x / length, z / length) if length > 1e-6 else (0.0, -1.0)


def turned(angle: float) -> float:
    """The same angle in (-pi, pi]."""
    return math.atan2(math.sin(angle), math.cos(angle))


def known(pose: F64 | None) -> F64 | None:
    """The pose, if it is one that anything can be told from: finite, and not beyond the world."""
    if pose is None or np.shape(pose) != (4, 4):
        return None
    pose = np.asarray(pose, np.float64)
    # Of so few numbers Python's own are the faster. What is no number is neither less nor more than another.
    (a, b, c, x), (d, e, f, y), (g, h, i, z), _ = pose.tolist()
    axes = a * a + d * d + g * g, b * b + e * e + h * h, c * c + f * f + i * i
    near = abs(x) + abs(y) + abs(z) <= FARTHEST
    return pose if near and all(_SHORTEST < square < _LONGEST for square in axes) else None
