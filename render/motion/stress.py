"""Stressed syllables in a face that speaks: peaks of how far the lips stand apart, those that stand out.

The mouth opens widest on stressed vowels; the face is known a little before its voice is heard, so gestures can be
prepared. A peak counts where it is not much less than the widest opening lately, and counts most where the brows have
just risen, as they do with the accents of the voice's pitch: heads nod with those (Hadar et al. 1983).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import exp
from typing import Final

_SHUT: Final = 0.08
"""Openings below it are no speech (1 is a jaw fully open)."""
_STANDS_OUT: Final = 0.6
_FORGET_S: Final = 2.5
_LEAST_S: Final = 0.22
"""Between two stressed syllables."""
_WIDE_ALONE: Final = 0.7
"""Strength of the widest syllable whose pitch is even."""
_RISEN: Final = 0.25
"""How far brows rise for the strongest accent, within _RISE_S."""
_RISE_S: Final = 0.6


@dataclass
class StressFinder:
    """Feed it openings in the order of their times; it tells each peak one sample later."""

    _before: tuple[float, float] = (0.0, 0.0)
    _last: tuple[float, float] = (0.0, 0.0)
    """Time and opening of the last two samples."""
    _widest: float = 0.0
    _told: float = float("-inf")
    _brows: deque[tuple[float, float]] = field(default_factory=deque)

    def take(self, time: float, opening: float, brows: float = 0.0) -> tuple[float, float] | None:
        """(time, strength from 0 to 1) of a stressed syllable, if the sample before this one was its peak.

        brows: how far they are up, 0 to 1.
        """
        self._brows.append((time, brows))
        while self._brows[0][0] < time - _RISE_S:
            self._brows.popleft()
        (_, a), (peak, b) = self._before, self._last
        self._before, self._last = self._last, (time, opening)
        self._widest = max(opening, self._widest * exp(-(time - peak) / _FORGET_S))
        if b <= a or b < opening or b < max(_SHUT, _STANDS_OUT * self._widest) or peak - self._told < _LEAST_S:
            return None
        self._told = peak
        share = b / max(self._widest, 1e-6)
        wide = min(max((share - _STANDS_OUT) / (1 - _STANDS_OUT), 0.0), 1.0)
        risen = max(up for _, up in self._brows) - min(up for _, up in self._brows)
        return peak, max(_WIDE_ALONE * wide, min(risen / _RISEN, 1.0))
