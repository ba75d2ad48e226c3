"""Pictures that nobody looks at while they are drawn, for a film of them: no window, no runtime, no display.

The head follows a path by itself, as a simulated headset's does, and frames come at a display's pace.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Final, Self

import moderngl

from render.gl.context import is_software
from render.offscreen import Offscreen
from render.view import View
from xr_app.desktop.ticks import Ticks
from xr_app.input.inputs import Inputs
from xr_app.placement.standing import Pulse
from xr_app.poses import matrix
from xr_app.runtime.head_path import HeadPath
from xr_app.session.frame import Frame

PERIOD_NS: Final = 1_000_000_000 // 30
SIZE: Final = (1280, 720)
UP: Final = math.radians(13)
DOWN: Final = math.radians(-20)
"""Of the picture's edges, seen by a head that looks into the avatar's face."""


class UnseenDisplay:
    """Draws through EGL; a context manager. Raises ContextError where there is no GL 4.3."""

    depth_range = None
    runtime_name = "none"

    def __init__(self, size: tuple[int, int] = SIZE, path: HeadPath | None = None) -> None:
        """size: of the picture in pixels; path: of the head, once `walk` was called; the standard one if not given."""
        self._size, self._path = size, path or HeadPath()
        self._ticks = Ticks(PERIOD_NS)
        self._walks_from: int | None = None
        self._over = False

    def __enter__(self) -> Self:
        self._offscreen = Offscreen()
        self.ctx = self._offscreen.ctx
        self._target = self._offscreen.target(*self._size)
        self._software = is_software(self.ctx)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._offscreen.__exit__(kind, error, trace)

    @property
    def eye_sizes(self) -> list[tuple[int, int]]:
        """Of the one picture."""
        return [self._size]

    def walk(self, start_ns: int) -> None:
        """Begin the path at this monotonic time."""
        self._walks_from = start_ns

    def read(self, frame: Frame) -> Inputs:
        """Nobody does anything."""
        return Inputs()

    def feel(self, pulses: Sequence[Pulse], *, busy: bool) -> None:
        """Nobody feels anything."""

    def request_exit(self) -> None:
        """Have `frames` end with this one."""
        self._over = True

    def frames(self) -> Iterator[Frame]:
        """Each frame at its time, until the exit that is requested."""
        width, height = self._size
        across = math.atan((math.tan(UP) - math.tan(DOWN)) / 2 * width / height)
        index = 0
        while not self._over:
            tick = self._ticks.wait()
            since = 0 if self._walks_from is None else tick.display_ns - self._walks_from
            pose = matrix(self._path.at(since / 1e9))
            frame = Frame(
                self,
                index=index,
                xr_time=tick.display_ns,
                display_time_ns=tick.display_ns,
                period_ns=self._ticks.period_ns,
                skipped=tick.skipped,
                head=pose,
                views=[View(pose, (-across, across, UP, DOWN), width, height)],
                should_render=True,
                recentred=False,
                begun_ns=tick.begun_ns,
                cpu_begun_ns=time.thread_time_ns(),
            )
            yield frame
            if not frame.ended:
                frame.finish(with_picture=False)
            index += 1

    def acquire(self) -> list[moderngl.Framebuffer]:
        """The framebuffer; `with frame:` calls this."""
        self._target.clear()
        return [self._target]

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        """Have the picture finished; leaving `with frame:` calls this."""
        if with_picture and self._software:
            self.ctx.finish()
