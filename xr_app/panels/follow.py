"""Lazy following: a panel stays where it is until it is out of place, then glides to where it should be.

Out of place is farther from its aim than a cone allows, too near, too far, or inside the avatar. The glide is that of a
critically damped spring (solved exactly over each step), about the head: a panel swings round its reader, not through
them. It keeps upright and faces the head while it glides.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.panels.aims import NEAREST, Aim, Person, Point, aim_at, before_person, is_clear, point_of, turn_between

F64 = NDArray[np.float64]

STIFFNESS: Final = 6.0
"""Per second: nine tenths of the way in 0.65 s."""
LONGEST_STEP_S: Final = 0.1
"""A frame that came late does not throw a panel across the room."""
FARTHER: Final = 1.35
"""So many times the distance it should have, or its inverse, is out of place."""
_THERE: Final = math.radians(0.2)
_INSIDE_ARM: Final = 0.3
_MIDDLE: Final = (0.0, 0.0, 0.0)


class Follower:
    """Where one panel is."""

    def __init__(self, cone: float, width: float) -> None:
        """cone: degrees that it may be off its aim; width: of the panel, in degrees."""
        self._cone, self.width = math.radians(cone), width
        self._pose: F64 | None = None
        self._distance = 1.0
        self._at = self._free = _MIDDLE
        """Where it is, and where its glide is, were nothing in its way."""
        self._speed = _MIDDLE
        self._last_ns = 0
        self.gliding = False

    def leave(self) -> None:
        """The panel went away; when it is back it is at its aim at once."""
        self._pose = None

    @property
    def distance(self) -> float:
        """Metres for which the panel has its size."""
        return self._distance

    def update(self, aim: Aim, head: F64, person: Person | None, now_ns: int) -> F64:
        """(4, 4) pose of the panel in this frame; its +z is towards the reader."""
        seconds, self._last_ns = min((now_ns - self._last_ns) / 1e9, LONGEST_STEP_S), now_ns
        if self._pose is None:
            self._speed, self.gliding = _MIDDLE, False
            self._distance = aim.distance
            self._at = point_of(aim, head)
            self._pose = facing(self._at, head)
            return self._pose
        here = aim_at(self._at, head)
        if not self.gliding and self._is_out_of_place(here, aim, head, person):
            self.gliding = True
            self._speed = _MIDDLE
            self._free = self._at
        if self.gliding:
            free = self._step(aim_at(self._free, head), aim, seconds)
            self._free = point_of(free, head)
            there = self._kept(free, head, person)
            self._distance = there.distance
            self._at = point_of(there, head)
            self._pose = facing(self._at, head)
            if turn_between(there, aim) < _THERE and abs(there.distance - aim.distance) < 0.005:
                self.gliding = False
        return self._pose

    def _is_out_of_place(self, here: Aim, aim: Aim, head: F64, person: Person | None) -> bool:
        ratio = here.distance / aim.distance
        if turn_between(here, aim) > self._cone or not 1 / FARTHER < ratio < FARTHER:
            return True
        inside = person is not None and not is_clear(here, head, person, self.width, gap=0.0)
        return here.distance < NEAREST - 0.01 or inside

    def _step(self, here: Aim, aim: Aim, seconds: float) -> Aim:
        """x'' = -w^2 x - 2 w x' for how far it is off, in yaw, pitch and the logarithm of the distance."""
        turn = math.remainder(here.yaw - aim.yaw, math.tau)
        growth = math.log(max(here.distance, 0.05) / aim.distance)
        u, v, w = self._speed
        yaw, u = _sprung(turn, u, seconds)
        pitch, v = _sprung(here.pitch - aim.pitch, v, seconds)
        log, w = _sprung(growth, w, seconds)
        self._speed = u, v, w
        return Aim(aim.yaw + yaw, aim.pitch + pitch, aim.distance * math.exp(log))

    def _kept(self, place: Aim, head: F64, person: Person | None) -> Aim:
        """Not too near, and, which matters more, not inside the avatar on its way."""
        distance = max(place.distance, NEAREST)
        if person is not None and not is_clear(place._replace(distance=distance), head, person, self.width):
            before = before_person(place, head, person)
            if before > 0:
                distance = min(distance, max(before, _INSIDE_ARM))
        return place._replace(distance=distance)


def _sprung(off: float, speed: float, seconds: float) -> tuple[float, float]:
    """How far it is off after that time, and its speed then."""
    # From rest this never overshoots; an aim that came nearer meanwhile must not be overshot either.
    bound = STIFFNESS * abs(off)
    if speed * off < 0:
        speed = min(max(speed, -bound), bound)
    fade, slope = math.exp(-STIFFNESS * seconds), speed + STIFFNESS * off
    return fade * (off + slope * seconds), fade * (speed - STIFFNESS * slope * seconds)


def facing(point: Point, head: F64) -> F64:
    """(4, 4) upright pose at a point with +z towards the head."""
    px, py, pz = map(float, point)
    (_, _, _, hx), (_, _, _, hy), (_, _, _, hz), _ = head.tolist()
    x, y, z = hx - px, hy - py, hz - pz
    length = math.sqrt(x * x + y * y + z * z)
    x, y, z = (x / length, y / length, z / length) if length > 1e-6 else (0.0, 0.0, 1.0)
    flat = math.hypot(x, z)
    i, k = (z / flat, -x / flat) if flat > 1e-3 else (1.0, 0.0)
    # Right is (i, 0, k), up is back x right.
    return np.array(
        ((i, y * k, x, px), (0.0, z * i - x * k, y, py), (k, -y * i, z, pz), (0.0, 0.0, 0.0, 1.0)),
    )
