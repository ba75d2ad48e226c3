"""One way of a voice to both ears: straight, or by the floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import acos, asin, exp, hypot, pi
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.spatial.filters import NEAREST, HeadFilters
from conversation.audio.spatial.sphere import SPEED, delay
from conversation.link.mouth_place import Mouth, Vector

F32 = npt.NDArray[np.float32]

LOUDEST: Final = 2.0
"""1/r goes on to half a metre: nearer than that nobody wants a voice to be louder."""
FURTHEST_BEYOND: Final = 4.0
"""Metres that the way by the floor is reckoned longer at most."""
_FLOOR: Final = 0.7
"""What a floor gives back: half the energy, as wood with a rug on it."""
_EASE_S: Final = 0.012
"""A place follows what it is told through two of these: pictures come less often than blocks."""
_EARS: Final = (-1, 1)


@dataclass(frozen=True)
class Bearing:
    """All that a sphere hears of a place."""

    side: float
    """Radians from the plane between the ears: -pi/2 left, pi/2 right."""
    nearness: float
    """One over the distance, 1/m."""
    turned: float
    """Radians from where the mouth points to the listener."""
    beyond: float = 0.0
    """Metres that this way is longer than the straight one."""
    share: float = 1.0
    """Of the pressure that arrives."""

    def toward(self, other: Bearing, share: float) -> Bearing:
        """So far on the way to another one."""
        return Bearing(*((1 - share) * a + share * b for a, b in zip(self._all(), other._all(), strict=True)))

    def close_to(self, other: Bearing) -> bool:
        """Nobody hears the difference."""
        return max(abs(a - b) for a, b in zip(self._all(), other._all(), strict=True)) < 1e-4

    def _all(self) -> tuple[float, ...]:
        return self.side, self.nearness, self.turned, self.beyond, self.share


def straight(mouth: Mouth) -> Bearing:
    """As nothing is in between."""
    return _seen(mouth.position, mouth.facing)


def by_floor(mouth: Mouth) -> Bearing:
    """From the mouth's image in the floor, which points as the mouth does in a mirror."""
    if mouth.image is None:
        return Bearing(0.0, 0.0, 0.0, 0.0, 0.0)
    down = tuple(b - a for a, b in zip(mouth.position, mouth.image, strict=True))
    deep = max(_product(down, down), 1e-9)
    over = 2 * _product(mouth.facing, down) / deep
    x, y, z = (a - over * b for a, b in zip(mouth.facing, down, strict=True))
    seen = _seen(mouth.image, (x, y, z))
    beyond = min(max(hypot(*mouth.image) - hypot(*mouth.position), 0.0), FURTHEST_BEYOND)
    return Bearing(seen.side, seen.nearness, seen.turned, beyond, _FLOOR)


@dataclass(frozen=True)
class _Ear:
    delay: float
    filter: F32


class Way:
    """One way of one voice, that moves. soonest: samples that a voice straight ahead is held back."""

    def __init__(
        self, rate: int, filters: HeadFilters, soonest: int, mouth: Mouth, bearing: Callable[[Mouth], Bearing]
    ) -> None:
        self._rate, self._filters, self._soonest = rate, filters, soonest
        self._bearing = bearing
        self._past: list[F32] = [np.zeros(filters.taps - 1, np.float32) for _ in _EARS]
        self.place(mouth)

    def place(self, mouth: Mouth) -> None:
        """It is there at once: to be called in silence, where nobody hears a jump."""
        self._told = mouth
        self._wanted = self._eased = self._now = self._bearing(mouth)
        self._before = self._ears = [self._ear(side) for side in _EARS]

    def move(self, count: int, mouth: Mouth) -> list[tuple[float, float]]:
        """Samples by which each ear hears it later at the beginning and at the end of the next `count` samples."""
        if mouth is not self._told:
            self._told, self._wanted = mouth, self._bearing(mouth)
        self._before = self._ears
        if self._now != self._wanted:
            share = 1 - exp(-count / (_EASE_S * self._rate))
            self._eased = self._eased.toward(self._wanted, share)
            self._now = self._now.toward(self._eased, share)
            if self._now.close_to(self._wanted) and self._eased.close_to(self._wanted):
                self._eased = self._now = self._wanted
            self._ears = [self._ear(side) for side in _EARS]
        return [(a.delay, b.delay) for a, b in zip(self._before, self._ears, strict=True)]

    def add(self, late: list[F32], out: F32) -> None:
        """Add what each ear hears of it to (n, 2); late: what the delays gave for each."""
        ramp = np.arange(1, len(out) + 1, dtype=np.float32) / np.float32(len(out))
        for k, (old, new, samples) in enumerate(zip(self._before, self._ears, late, strict=True)):
            heard = np.concatenate([self._past[k], samples])
            self._past[k] = heard[len(samples) :]
            now = np.convolve(heard, new.filter, "valid")
            if new is not old:
                was = np.convolve(heard, old.filter, "valid")
                now = was + ramp * (now - was)
            out[:, k] += now

    def _ear(self, ear: int) -> _Ear:
        """How the left (-1) or right (1) ear hears a voice that is where it is now."""
        now = self._now
        angle = pi / 2 - ear * now.side
        later_s = delay(angle, 1 / max(now.nearness, 1e-3)) + now.beyond / SPEED
        gain = np.float32(now.share * min(now.nearness, LOUDEST))
        return _Ear(self._soonest + later_s * self._rate, gain * self._filters.ear(angle, now.nearness, now.turned))


def _seen(place: Vector, facing: Vector) -> Bearing:
    distance = hypot(*place)
    away = max(distance, 1 / NEAREST)
    turned = acos(_cosine(-_product(place, facing), distance * hypot(*facing)))
    return Bearing(asin(_cosine(place[0], away)), 1 / away, turned)


def _product(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return sum(one * two for one, two in zip(a, b, strict=True))


def _cosine(product: float, lengths: float) -> float:
    """Of the angle between two vectors; that of a right one where they have no length."""
    return min(max(product / lengths, -1.0), 1.0) if lengths > 0 else 0.0
