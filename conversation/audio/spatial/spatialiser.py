"""A voice that comes from its mouth: mono blocks in, what both ears hear out.

A rigid sphere stands for the head: sound reaches the far ear later and softer in its highs (`sphere`, `filters`), it is
louder when it is near, and a mouth that turns away sounds dull. No ears' shells: above from below, and front from back,
is told by turning one's head (Wightman and Kistler 1999), and by the eyes.

The way from mouth to head is not delayed: lips and voice belong together for who sees both, and a voice that is walked
up to keeps its pitch. What is delayed, by `delay` samples, is every voice alike, so that either ear may be early.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, asin, ceil, exp, hypot, pi
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.spatial.delay import REACH, MovingDelay
from conversation.audio.spatial.filters import NEAREST, HeadFilters
from conversation.audio.spatial.sphere import RADIUS, SPEED, delay
from conversation.link.mouth_place import Mouth

F32 = npt.NDArray[np.float32]

LOUDEST: Final = 2.0
"""1/r goes on to half a metre: nearer than that nobody wants a voice to be louder."""
_EASE_S: Final = 0.012
"""A place follows what it is told through two of these: pictures come less often than blocks."""
_KNEE: Final = 0.9
"""Above it peaks are bent, and never leave the scale."""
_EARS: Final = (-1, 1)


@dataclass(frozen=True)
class _Bearing:
    """All that a sphere hears of a place."""

    side: float
    """Radians from the plane between the ears: -pi/2 left, pi/2 right."""
    nearness: float
    """One over the distance, 1/m."""
    turned: float
    """Radians from where the mouth points to the listener."""

    @classmethod
    def of(cls, mouth: Mouth) -> _Bearing:
        distance = hypot(*mouth.position)
        towards = -sum(a * b for a, b in zip(mouth.position, mouth.facing, strict=True))
        side = asin(_cosine(mouth.position[0], max(distance, 1 / NEAREST)))
        return cls(side, 1 / max(distance, 1 / NEAREST), acos(_cosine(towards, distance * hypot(*mouth.facing))))

    def toward(self, other: _Bearing, share: float) -> _Bearing:
        """So far on the way to another one."""
        return _Bearing(
            self.side + share * (other.side - self.side),
            self.nearness + share * (other.nearness - self.nearness),
            self.turned + share * (other.turned - self.turned),
        )


@dataclass(frozen=True)
class _Ear:
    delay: float
    filter: F32


class Spatialiser:
    """One voice and one listener; blocks of any length, one thread."""

    def __init__(self, rate: int, mouth: Mouth) -> None:
        self._rate = rate
        self._filters = HeadFilters(rate)
        longest_s = pi / 2 * RADIUS / SPEED
        earliest = ceil(-delay(0.0, 1 / NEAREST) * rate)
        self.delay = REACH + earliest
        """Samples from a block's input to its output, for a voice straight ahead."""
        self._line = MovingDelay(self.delay + ceil(longest_s * rate))
        self._past: list[F32] = [np.zeros(self._filters.taps - 1, np.float32) for _ in _EARS]
        self._told = mouth
        self._wanted = self._eased = self._now = _Bearing.of(mouth)
        self._ears = [self._ear(side) for side in _EARS]

    @property
    def delay_s(self) -> float:
        """`delay` in seconds."""
        return self.delay / self._rate

    def __call__(self, block: F32, mouth: Mouth) -> F32:
        """(n, 2) left and right of the next (n,), with the mouth where it is now."""
        if not len(block):
            return np.zeros((0, 2), np.float32)
        before, self._ears = self._ears, self._move(len(block), mouth)
        late = self._line(block, [(a.delay, b.delay) for a, b in zip(before, self._ears, strict=True)])
        ramp = np.arange(1, len(block) + 1, dtype=np.float32) / np.float32(len(block))
        out = np.empty((len(block), 2), np.float32)
        for k, (old, new, samples) in enumerate(zip(before, self._ears, late, strict=True)):
            heard = np.concatenate([self._past[k], samples])
            self._past[k] = heard[len(samples) :]
            out[:, k] = np.convolve(heard, new.filter, "valid")
            if new is not old:
                was = np.convolve(heard, old.filter, "valid")
                out[:, k] = was + ramp * (out[:, k] - was)
        return _bent(out)

    def _move(self, count: int, mouth: Mouth) -> list[_Ear]:
        if mouth is not self._told:
            self._told, self._wanted = mouth, _Bearing.of(mouth)
        if self._now == self._wanted:
            return self._ears
        share = 1 - exp(-count / (_EASE_S * self._rate))
        self._eased = self._eased.toward(self._wanted, share)
        self._now = self._now.toward(self._eased, share)
        if _close(self._now, self._wanted) and _close(self._eased, self._wanted):
            self._eased = self._now = self._wanted
        return [self._ear(side) for side in _EARS]

    def _ear(self, ear: int) -> _Ear:
        """How the left (-1) or right (1) ear hears a voice that is where it is now."""
        now = self._now
        angle = pi / 2 - ear * now.side
        gain = min(now.nearness, LOUDEST)
        return _Ear(
            self.delay + delay(angle, 1 / max(now.nearness, 1e-3)) * self._rate,
            np.float32(gain) * self._filters.ear(angle, now.nearness, now.turned),
        )


def _cosine(product: float, lengths: float) -> float:
    """Of the angle between two vectors; that of a right one where they have no length."""
    return min(max(product / lengths, -1.0), 1.0) if lengths > 0 else 0.0


def _close(a: _Bearing, b: _Bearing) -> bool:
    return max(abs(a.side - b.side), abs(a.nearness - b.nearness), abs(a.turned - b.turned)) < 1e-4


def _bent(samples: F32) -> F32:
    """Peaks over _KNEE bent smoothly, so that none is over 1; the rest as it is."""
    if float(np.max(np.abs(samples))) <= _KNEE:
        return samples
    size = np.abs(samples)
    over = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    bent: F32 = np.where(size > _KNEE, np.sign(samples) * over, samples).astype(np.float32)
    return bent
