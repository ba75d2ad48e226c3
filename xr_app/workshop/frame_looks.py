"""Two closer looks at the frames of a session: what they allocate, and what of them goes by in the GL driver.

Each is told of every frame for a while, and says when it has seen enough; what it sees it also slows down.
"""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import ExitStack
from typing import Final

from xr_app.session.frame import Frame
from xr_app.workshop.driver_clock import DriverClock


class MemoryLook:
    """What a frame allocates."""

    FRAMES: Final = 72

    def __init__(self) -> None:
        self._count = 0
        self._before: tuple[int, int] = 0, 0
        self._start = 0
        self.most_kb: list[float] = []
        """At once, within each frame, above what it began with."""
        self.kept_bytes = 0.0
        """By each frame, when all are done and garbage is swept."""
        self.containers = 0.0
        """Objects of each frame that the collector has to look at, and that live on until it does or are kept."""

    def look(self, frame: Frame) -> bool:
        """Once a frame; whether all was seen."""
        if not self._count:
            tracemalloc.start()
            gc.collect(1)
            self._before = tracemalloc.get_traced_memory()[0], gc.get_count()[0]
        else:
            _, peak = tracemalloc.get_traced_memory()
            self.most_kb.append((peak - self._start) / 1024)
        self._count += 1
        if self._count > self.FRAMES:
            self.containers = (gc.get_count()[0] - self._before[1]) / self.FRAMES
            gc.collect(1)
            self.kept_bytes = (tracemalloc.get_traced_memory()[0] - self._before[0]) / self.FRAMES
            tracemalloc.stop()
            return True
        tracemalloc.reset_peak()
        self._start = tracemalloc.get_traced_memory()[0]
        return False


class DriverLook:
    """What of a frame goes by in the GL driver."""

    FRAMES: Final = 144

    def __init__(self) -> None:
        self._clock, self._watch = DriverClock(), ExitStack()
        self._before = 0, 0
        self._count = 0
        self.ms: list[float] = []
        """Of each frame."""
        self.share: list[float] = []
        """Of what it takes of the thread."""
        self.calls: list[int] = []

    def look(self, frame: Frame) -> bool:
        """Once a frame; whether all was seen."""
        if not self._count:
            self._watch.enter_context(self._clock.watching())
        elif frame.cpu_ns:
            spent_ns, calls = self._clock.total_ns - self._before[0], self._clock.calls - self._before[1]
            self.ms.append(spent_ns / 1e6)
            self.share.append(spent_ns / frame.cpu_ns)
            self.calls.append(calls)
        self._before = self._clock.total_ns, self._clock.calls
        self._count += 1
        if self._count > self.FRAMES:
            self.close()
        return self._count > self.FRAMES

    def close(self) -> None:
        """Watch no more."""
        self._watch.close()
