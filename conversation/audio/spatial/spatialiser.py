"""A voice that comes from its mouth: mono blocks in, what both ears hear out.

A rigid sphere stands for the head: sound reaches the far ear later and softer in its highs (`sphere`, `filters`), it is
louder when it is near, and a mouth that turns away sounds dull. No ears' shells: above from below, and front from back,
is told by turning one's head (Wightman and Kistler 1999), and by the eyes.

The way from mouth to head is not delayed: lips and voice belong together for who sees both, and a voice that is walked
up to keeps its pitch. What is delayed, by `delay` samples, is every voice alike, so that either ear may be early.
"""

from __future__ import annotations

from math import ceil, pi
from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.audio.spatial.delay import REACH, MovingDelay
from conversation.audio.spatial.filters import NEAREST, HeadFilters
from conversation.audio.spatial.sphere import RADIUS, SPEED, delay
from conversation.audio.spatial.tail import Tail
from conversation.audio.spatial.way import FURTHEST_BEYOND, Way, by_floor, straight
from conversation.link.mouth_place import Mouth

F32 = npt.NDArray[np.float32]

_KNEE: Final = 0.9
"""Above it peaks are bent, and never leave the scale."""


class Spatialiser:
    """One voice and one listener; blocks of any length, one thread. room: whether a small room answers the voice."""

    def __init__(self, rate: int, mouth: Mouth, *, room: bool = False) -> None:
        self._rate = rate
        filters = HeadFilters(rate)
        self.delay = REACH + ceil(-delay(0.0, 1 / NEAREST) * rate)
        """Samples from a block's input to its output, for a voice straight ahead."""
        bearings = [straight, by_floor] if room else [straight]
        self._ways = [Way(rate, filters, self.delay, mouth, bearing) for bearing in bearings]
        longest_s = (pi / 2 * RADIUS + (FURTHEST_BEYOND if room else 0.0)) / SPEED
        self._line = MovingDelay(self.delay + ceil(longest_s * rate))
        self._tail = Tail(rate) if room else None
        self._memory = self._line.longest + filters.taps + (self._tail.longest if self._tail else 0)
        self._silent = self._memory  # samples since the voice sounded

    @property
    def delay_s(self) -> float:
        """`delay` in seconds."""
        return self.delay / self._rate

    def __call__(self, block: F32, mouth: Mouth) -> F32:
        """(n, 2) left and right of the next (n,), with the mouth where it is now."""
        out = np.zeros((len(block), 2), np.float32)
        if not len(block):
            return out
        rests = self._silent >= self._memory
        self._silent = 0 if block.any() else self._silent + len(block)
        if rests and self._silent:
            return out  # and all that is remembered stays the silence that it is
        if rests:
            for way in self._ways:
                way.place(mouth)  # where it went in silence
        delays = [pair for way in self._ways for pair in way.move(len(block), mouth)]
        late = self._line(block, delays)
        for k, way in enumerate(self._ways):
            way.add(late[2 * k : 2 * k + 2], out)
        if self._tail is not None:
            out += self._tail(block)
        return _bent(out)


def _bent(samples: F32) -> F32:
    """Peaks over _KNEE bent smoothly, so that none is over 1; the rest as it is."""
    if float(np.max(np.abs(samples))) <= _KNEE:
        return samples
    size = np.abs(samples)
    over = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    bent: F32 = np.where(size > _KNEE, np.sign(samples) * over, samples).astype(np.float32)
    return bent
