"""Which of a display's rates the frames hold.

A frame holds a rate where the processor's part of it, and the GPU's at full quality, each fit into the display's period
with room to spare; the two work side by side. The rate falls when that was not so for a while (until then the quality
of the picture falls, which is at once: render/control.py), to one that has room. It rises after it would have fitted
for longer, and every rise that had to be taken back makes the next wait longer: a change of rate is seen as a hitch.
Deterministic: time and measurements are handed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

CAP: Final = 0.85
"""Share of the period that nine of ten frames shall not exceed."""
FALL_TO: Final = 0.75
"""Share of a lower rate's period that may be filled."""
RISE_TO: Final = 0.6
"""Share of a higher rate's period that may be filled."""
FALL_S: Final = 2.0
"""For which a rate must have been too high before a lower one is taken."""
WAIT_S: Final = 6.0
"""For which a higher one must have fitted before it is taken."""
LONGEST_WAIT_S: Final = 300.0
PROBATION_S: Final = 30.0
"""After which a rise has proved itself."""

_REMEMBERED: Final = 120
_LEAST: Final = 30
"""Frames that are known before anything is judged."""
_OFTEN: Final = 0.9
"""The share of frames that shall keep to the cap."""


class RateController:
    """Picks one of `rates`, in Hz."""

    def __init__(self, rates: Sequence[float]) -> None:
        self._rates = sorted(rates)
        self._costs: deque[float] = deque(maxlen=_REMEMBERED)
        self._now: float | None = None
        self._too_high_since_s: float | None = None
        self._room_since_s: float | None = None
        self._rose_s: float | None = None
        self._wait_s = WAIT_S

    def choose(self, now_s: float, cpu_ms: float, gpu_ms: float, rate: float) -> float:
        """The rate to have from now on, where it is `rate` now; cpu_ms: the processor's part of the last frame, gpu_ms:
        the GPU's, if it drew all there is."""
        if rate != self._now:
            self._now = rate
            self._costs.clear()
            self._too_high_since_s = self._room_since_s = None
        self._costs.append(max(cpu_ms, gpu_ms))
        if len(self._costs) < _LEAST:
            return rate
        needed_ms = sorted(self._costs)[round(_OFTEN * (len(self._costs) - 1))]
        if self._rose_s is not None and now_s - self._rose_s > PROBATION_S:
            self._rose_s, self._wait_s = None, WAIT_S
        lower = [each for each in self._rates if each < rate]
        if needed_ms > CAP * 1000 / rate and lower:
            return self._fall(now_s, needed_ms, lower, rate)
        self._too_high_since_s = None
        return self._rise(now_s, needed_ms, rate)

    def _fall(self, now_s: float, needed_ms: float, lower: list[float], rate: float) -> float:
        self._room_since_s = None
        if self._too_high_since_s is None:
            self._too_high_since_s = now_s
        if now_s - self._too_high_since_s < FALL_S:
            return rate
        self._too_high_since_s = now_s  # where the runtime does not follow it is asked again, but not in every frame
        if self._rose_s is not None:
            self._rose_s, self._wait_s = None, min(2 * self._wait_s, LONGEST_WAIT_S)
        return max((each for each in lower if needed_ms <= FALL_TO * 1000 / each), default=lower[0])

    def _rise(self, now_s: float, needed_ms: float, rate: float) -> float:
        best = max((each for each in self._rates if needed_ms <= RISE_TO * 1000 / each), default=rate)
        if best <= rate:
            self._room_since_s = None
            return rate
        if self._room_since_s is None:
            self._room_since_s = now_s
        if now_s - self._room_since_s < self._wait_s:
            return rate
        self._room_since_s = self._rose_s = now_s
        return best
