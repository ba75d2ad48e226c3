"""Ways to get from one spot to another without a jump: after a hand, smoothed; on its own, with an ease."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from xr_app.placement.spot import Spot, turned

Place = tuple[float, float]

_NOTHING: Final = 1e-7
"""Metres, radians: what is left of a way is done at once."""
ARM: Final = 0.7
"""Metres; nearer to the user the avatar never comes by itself. An arm's length, and where personal distance begins
(Hall 1966: 0.45 to 1.2 m)."""


@dataclass(frozen=True)
class Pace:
    """How closely something is followed: it is never faster than this, whatever it follows."""

    lag_s: float
    """Time after which 63 % of the way is done."""
    speed: float
    """Metres a second."""
    turn: float = 4.0
    """Radians a second."""
    growth: float = 1.5
    """Of the size's logarithm, a second."""

    def follow(self, now: Spot, goal: Spot, dt: float) -> Spot:
        """Where `now` is after `dt` seconds of following `goal`."""
        if now == goal:
            return goal
        dx, dz, turn = goal.x - now.x, goal.z - now.z, turned(goal.yaw - now.yaw)
        growth = math.log(goal.scale / now.scale)
        if max(abs(dx), abs(dz), abs(turn), abs(growth)) < _NOTHING:
            return goal
        share = 1.0 - math.exp(-dt / self.lag_s)
        part = share * min(1.0, self.speed * dt / max(share * math.hypot(dx, dz), 1e-12))
        yaw = now.yaw + limited(share * turn, self.turn * dt)
        grown = limited(share * growth, self.growth * dt)
        return Spot(now.x + part * dx, now.z + part * dz, turned(yaw), now.scale * math.exp(grown))


def limited(value: float, most: float) -> float:
    """The value, no farther from 0 than `most`."""
    return min(max(value, -most), most)


AIMED: Final = Pace(lag_s=0.12, speed=4.0)
"""A ghost after a gaze or a pointer."""
HELD: Final = Pace(lag_s=0.06, speed=6.0, turn=8.0, growth=3.0)
"""In someone's hands."""
SETTLING: Final = Pace(lag_s=0.3, speed=1.0, turn=2.0)
"""Out of the way of a wall, or to where an anchor has it."""
TURNING: Final = Pace(lag_s=0.25, speed=1.0, turn=3.0)
"""To the user, on its way to them."""


class Walk:
    """On its own to a goal, round the user: speeds up, slows down, and never comes nearer to the head than an arm's
    length. The shortest way that keeps clear of a circle is along its tangents."""

    CRUISE: Final = 1.2
    """Metres a second, a calm walk."""
    PUSH: Final = 1.5
    """Metres a second, each second."""
    CLEAR: Final = ARM + 0.2
    """Metres at which it passes by."""

    def __init__(self, goal: Place) -> None:
        self.goal = goal
        self._speed = 0.0
        self._side = 0.0

    def step(self, now: Place, head: Place, dt: float) -> Place:
        """The place after `dt` seconds."""
        toward, left = self._way(now, head)
        if left < 1e-3:
            self._speed = 0.0
            return now
        self._speed = min(self._speed + self.PUSH * dt, self.CRUISE, math.sqrt(2.0 * self.PUSH * left))
        far = min(self._speed * dt, left)
        x, z = now[0] + far * toward[0], now[1] + far * toward[1]
        # Not nearer than an arm's length; and where the user came nearer than that, not nearer still.
        before, after = math.dist(now, head), math.dist((x, z), head)
        nearest = min(ARM, before)
        if after >= nearest:
            return x, z
        if after < 1e-6:
            return now
        k = nearest / after
        return head[0] + k * (x - head[0]), head[1] + k * (z - head[1])

    def arrived(self, now: Place) -> bool:
        """Whether it is there."""
        return math.dist(now, self.goal) < 0.01

    def _way(self, now: Place, head: Place) -> tuple[Place, float]:
        """Where to go first, of unit length, and how far it is in all."""
        gx, gz = self.goal[0] - now[0], self.goal[1] - now[1]
        hx, hz = head[0] - now[0], head[1] - now[1]
        straight, away = math.hypot(gx, gz), math.hypot(hx, hz)
        if straight < 1e-9:
            return (0.0, 0.0), 0.0
        ux, uz = gx / straight, gz / straight
        along = hx * ux + hz * uz
        beside = hx * uz - hz * ux
        clear = min(self.CLEAR, math.dist(self.goal, head))
        if not 0.0 < along < straight or abs(beside) >= clear or away < 1e-6:
            self._side = 0.0
            return (ux, uz), straight
        if not self._side:
            self._side = 1.0 if beside >= 0 else -1.0
        # Touching the circle, or along it where one is in it already.
        bend = math.asin(min(clear / away, 1.0)) * self._side
        c, s = math.cos(bend), math.sin(bend)
        tx, tz = (hx * c - hz * s) / away, (hx * s + hz * c) / away
        return (tx, tz), straight + clear * abs(bend)
