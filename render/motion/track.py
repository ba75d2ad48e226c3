"""Numbers that go from target to target along the smoothest way: a minimum-jerk path, replanned from wherever it is.

A move takes all numbers of a track from the place, speed and acceleration that they have at its start to rest at its
target, along the polynomial of fifth degree that has the least jerk (Flash & Hogan 1985). So speed and acceleration
never jump, whenever the next move is called for; and the path is a pure function of the moves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

PEAK: Final = 1.875
"""Peak speed of a move from rest to rest, in units of its mean speed."""

_SOON_S: Final = 0.15
"""Within which a track that is shifted comes to rest, if it was at rest."""


class Track:
    """`width` numbers over time; moves begin in the order in which they are added."""

    def __init__(self, start: Sequence[float] | F64) -> None:
        self._begins: list[float] = []
        self._ends: list[float] = []
        self._paths: list[F64] = []
        self._first = np.asarray(start, np.float64)

    @property
    def target(self) -> F64:
        """Where the last move leads."""
        return self._paths[-1].sum(axis=0) if self._paths else self._first

    @property
    def settled(self) -> float:
        """When the last move ends."""
        return self._ends[-1] if self._ends else float("-inf")

    def add(self, begin: float, end: float, target: Sequence[float] | F64) -> None:
        """Be at `target` at rest at `end`; moves that would begin later are called off."""
        while self._begins and self._begins[-1] >= begin:
            self._begins.pop(), self._ends.pop(), self._paths.pop()
        path = _quintic(*self._state(begin), np.asarray(target, np.float64), end - begin)
        self._begins.append(begin)
        self._ends.append(end)
        self._paths.append(path)

    def shift(self, time: float, place: F64, speed: F64) -> None:
        """From `time` on, all at once, be elsewhere by `place` and quicker by `speed`, on the smoothest way to where
        the last move leads, which is shifted as well."""
        here, motion, pull = self._state(time)
        end = max(self.settled, time + _SOON_S)
        target = self.target + place
        while self._begins and self._begins[-1] >= time:
            self._begins.pop(), self._ends.pop(), self._paths.pop()
        self._begins.append(time)
        self._ends.append(end)
        self._paths.append(_quintic(here + place, motion + speed, pull, target, end - time))

    def at(self, time: float) -> F64:
        """(width,) at any time."""
        index = bisect_right(self._begins, time) - 1
        if index < 0:
            return self._first
        begin, end, path = self._begins[index], self._ends[index], self._paths[index]
        if time >= end:
            return np.asarray(path.sum(axis=0))
        x = (time - begin) / (end - begin)
        return np.asarray(np.array((1.0, x, x * x, x**3, x**4, x**5)) @ path)

    def forget(self, before: float) -> None:
        """Drop moves that `at` will not need from `before` on."""
        keep = max(bisect_right(self._begins, before) - 1, 0)
        del self._begins[:keep], self._ends[:keep], self._paths[:keep]

    def _state(self, time: float) -> tuple[F64, F64, F64]:
        """Place, speed and acceleration."""
        still = np.zeros_like(self._first)
        index = bisect_right(self._begins, time) - 1
        if index < 0 or time >= self._ends[index]:
            return self.at(time), still, still
        long = self._ends[index] - self._begins[index]
        x, path = (time - self._begins[index]) / long, self._paths[index]
        speed = np.array((0.0, 1.0, 2 * x, 3 * x * x, 4 * x**3, 5 * x**4)) @ path / long
        pull = np.array((0.0, 0.0, 2.0, 6 * x, 12 * x * x, 20 * x**3)) @ path / long**2
        return self.at(time), speed, pull


def _quintic(place: F64, speed: F64, pull: F64, target: F64, long: float) -> F64:
    """(6, width) coefficients over x from 0 to 1."""
    v, a, way = speed * long, pull * long * long, target - place
    return np.stack(
        [
            place,
            v,
            a / 2,
            10 * way - 6 * v - 1.5 * a,
            -15 * way + 8 * v + 1.5 * a,
            6 * way - 3 * v - 0.5 * a,
        ]
    )
