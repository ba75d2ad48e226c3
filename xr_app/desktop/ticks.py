"""When frames begin where no runtime says so: as the display wants them, by the swap of buffers or else by a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

WAITED: Final = 0.9
"""Of a period: who comes sooner than that after the frame before was not held up by the display."""


class Tick(NamedTuple):
    """One frame's time, monotonic nanoseconds."""

    begun_ns: int
    display_ns: int
    skipped: int
    """Whole periods without a frame before it."""


class Ticks:
    """One frame a period, at most."""

    def __init__(
        self,
        period_ns: int,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.period_ns = period_ns
        self._clock, self._sleep = clock, sleep
        self._last: int | None = None

    def wait(self) -> Tick:
        """Return when it is time for the next frame: at once after a swap that waited for the display."""
        now, skipped = self._clock(), 0
        if self._last is not None:
            due = self._last + self.period_ns
            if now < self._last + WAITED * self.period_ns:
                self._sleep((due - now) / 1e9)
                now = self._clock()
            skipped = max(0, round((now - self._last) / self.period_ns) - 1)
        self._last = now
        return Tick(now, now + self.period_ns, skipped)
