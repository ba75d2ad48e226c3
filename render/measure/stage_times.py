"""The time of each kind of stage in each frame, by two clocks.

*finish*: the processor's clock between a glFinish before and one after. It holds whatever the driver does, and where
the processor draws it is the truth. *query*: the GPU's own clock (gl/timer.py), which leaves out how long the
commands took to get there; on a software GPU it ends while threads still work, so it is not to be believed there.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

import moderngl
import numpy as np

from render.gl.context import is_software
from render.gl.timer import GpuTimer
from render.graph import Watch

Clock = Literal["finish", "query"]
CLOCKS: Final[tuple[Clock, ...]] = ("finish", "query")


_SPANS: Final = 64
"""More than the stages of a frame of two eyes."""


def believed_clock(ctx: moderngl.Context) -> Clock:
    """Which of the two tells a stage's time on this device."""
    return "finish" if is_software(ctx) else "query"


class StageTimes:
    """Sums up the milliseconds of each kind of stage in a frame, over its eyes.

    Give `watch` to AvatarRenderer.watch, call `frame` after every frame, then read `medians`.
    """

    def __init__(self, ctx: moderngl.Context, clock: Clock, now: Callable[[], float] = time.perf_counter) -> None:
        self._ctx, self._now = ctx, now
        self.watch: Watch = self._by_finish if clock == "finish" else self._by_query
        self._timer = GpuTimer(ctx, _SPANS)
        self._kinds: list[str] = []
        self._here: dict[str, float] = defaultdict(float)
        self._frames: list[dict[str, float]] = []

    @contextmanager
    def _by_finish(self, kind: str) -> Iterator[None]:
        self._ctx.finish()
        start = self._now()
        yield
        self._ctx.finish()
        self._here[kind] += (self._now() - start) * 1e3

    @contextmanager
    def _by_query(self, kind: str) -> Iterator[None]:
        self._timer.begin(len(self._kinds))
        self._kinds.append(kind)
        yield
        self._timer.end()

    def frame(self) -> None:
        """The frame is over: waits for the GPU's answers."""
        self._ctx.finish()
        for span in self._timer.answers():
            self._here[self._kinds[span.tag]] += span.milliseconds
        self._kinds.clear()
        self._frames.append(self._here)
        self._here = defaultdict(float)

    def medians(self, skip: int) -> dict[str, float]:
        """Milliseconds a frame of each kind, the first `skip` frames left out; frames in which it did not run count
        as 0."""
        frames = self._frames[skip:]
        kinds = {kind: None for frame in frames for kind in frame}
        return {kind: float(np.median([frame.get(kind, 0.0) for frame in frames])) for kind in kinds}

    def release(self) -> None:
        """Give the clock back."""
        self._timer.release()
