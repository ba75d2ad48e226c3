"""Following what moves: a place that goes after its target as eyes go after a slow walker.

Between two sightings the target is taken to move on as it did, for a while; the place follows as a critically damped
second-order system, whose solution is known: the same sightings give the same path, looked at in any steps, and its
speed never jumps. Smooth pursuit keeps up with some 30 degrees a second (Meyer et al. 1985) and, once it runs, foresees
(Barnes 2008); what is too quick for it is for saccades.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_RATE: Final = 14.0
"""1/s: half of a step is caught up with in 0.12 s."""
_FORESEES_S: Final = 0.2
"""Without news for longer than this, the target is where it was seen last."""
_FASTEST: Final = 30.0
_TOGETHER_S: Final = 0.35
"""Sightings farther apart than this tell no speed."""


@dataclass(frozen=True)
class _Leg:
    """From `begin` on toward `target`, which moves at `speed`."""

    begin: float
    place: F64
    motion: F64
    target: F64
    speed: F64

    def at(self, time: float) -> tuple[F64, F64]:
        """Place and speed."""
        since = time - self.begin
        off = self.place - self.target
        rush = self.motion - self.speed + _RATE * off
        left = exp(-_RATE * since)
        place = self.target + self.speed * since + (off + rush * since) * left
        return place, self.speed + (rush - _RATE * (off + rush * since)) * left


class Pursuit:
    """A way of looking (sight.py) after a target that is sighted now and then."""

    def __init__(self, start: F64) -> None:
        still = np.zeros_like(start)
        self._legs = [_Leg(float("-inf"), start, still, start, still)]
        self.target = start
        """As it was sighted last."""
        self.speed: F64 = still
        """How fast it moved then, a second."""
        self._sighted = float("-inf")

    def sight(self, time: float, target: F64) -> None:
        """The target is here now; sightings come in the order of their times."""
        since = time - self._sighted
        speed = (target - self.target) / since if 0.0 < since < _TOGETHER_S else np.zeros_like(target)
        self.speed = speed
        pace = float(np.hypot(speed[0], speed[1]))
        if pace > _FASTEST:
            speed = speed * (_FASTEST / pace)
        self._go(time, target, speed)

    def jump(self, time: float, target: F64) -> tuple[F64, F64]:
        """The target is elsewhere all at once, and so is the place; by how much it and its speed changed."""
        place, motion = self.state(time)
        self._cut(time)
        self._legs.append(_Leg(time, target, np.zeros_like(target), target, np.zeros_like(target)))
        self.target, self.speed, self._sighted = target, np.zeros_like(target), time
        return target - place, -motion

    def state(self, time: float) -> tuple[F64, F64]:
        """Place and speed at any time."""
        leg = self._legs[max(bisect_right(self._legs, time, key=lambda leg: leg.begin) - 1, 0)]
        return (leg.place, leg.motion) if leg.begin == float("-inf") else leg.at(time)

    def at(self, time: float) -> F64:
        """(3,) place at any time."""
        return self.state(time)[0]

    def forget(self, before: float) -> None:
        """Drop what `at` will not need from `before` on."""
        keep = max(bisect_right(self._legs, before, key=lambda leg: leg.begin) - 1, 0)
        del self._legs[:keep]

    def _go(self, time: float, target: F64, speed: F64) -> None:
        place, motion = self.state(time)
        self._cut(time)
        first = _Leg(time, place, motion, target, speed)
        self._legs.append(first)
        self.target, self._sighted = target, time
        if speed.any():
            after = time + _FORESEES_S
            self._legs.append(_Leg(after, *first.at(after), target, np.zeros_like(speed)))

    def _cut(self, time: float) -> None:
        while len(self._legs) > 1 and self._legs[-1].begin >= time:
            self._legs.pop()
