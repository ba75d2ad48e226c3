"""What each kind of stage takes of the GPU while a session runs: asked of the GPU's own clock, waited for by nobody.

Answers come some frames later (gl/timer.py). `stage_times.py` measures for a bench, and may wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import moderngl

from render.gl.timer import GpuTimer

_SPANS: Final = 256
"""More than the stages of the frames that are in flight."""


class StageClock:
    """Give `watch` to AvatarRenderer.watch, call `frame` after every frame, and read `take` now and then."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._timer = GpuTimer(ctx, _SPANS)
        self._kinds: dict[str, int] = {}
        self._names: list[str] = []
        self._spent: dict[str, float] = defaultdict(float)
        self._frames = 0

    @contextmanager
    def watch(self, kind: str) -> Iterator[None]:
        """Opened around a run of a stage."""
        if kind not in self._kinds:
            self._kinds[kind] = len(self._names)
            self._names.append(kind)
        self._timer.begin(self._kinds[kind])
        try:
            yield
        finally:
            self._timer.end()

    def frame(self) -> None:
        """A frame was submitted."""
        self._frames += 1
        for span in self._timer.answers():
            self._spent[self._names[span.tag]] += span.milliseconds

    def take(self) -> tuple[tuple[str, float], ...]:
        """Mean milliseconds a frame of each kind since the last call, in the order in which the stages run; of kinds
        that never ran, nothing."""
        frames, self._frames = max(self._frames, 1), 0
        spent, self._spent = self._spent, defaultdict(float)
        return tuple((name, spent[name] / frames) for name in self._names if name in spent)

    def release(self) -> None:
        """Give the clock back."""
        self._timer.release()
