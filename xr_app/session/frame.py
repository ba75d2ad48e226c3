"""One frame of an OpenXR session, from its begin to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.view import View

F64 = NDArray[np.float64]


Shrink = Callable[[float], tuple[list[View], list[moderngl.Framebuffer]]]
"""Smaller views and targets for this frame."""


class FrameOwner(Protocol):
    """What a frame asks of its session."""

    def acquire(self) -> list[moderngl.Framebuffer]:
        """A framebuffer for each eye."""
        ...

    def end(self, frame: Frame, *, with_picture: bool) -> None:
        """Release what was acquired and submit."""
        ...


class Frame:
    """A begun frame. Draw inside `with frame:`; leaving it submits the pictures, an exception submits none.

    The order is OpenXR's: the session has waited, begun and located; entering acquires the eyes' pictures; leaving
    releases them and ends the frame. A frame that nobody entered is ended empty when the next one is asked for.
    """

    def __init__(
        self,
        owner: FrameOwner,
        *,
        index: int,
        xr_time: int,
        display_time_ns: int,
        period_ns: int,
        skipped: int,
        head: F64,
        views: list[View],
        should_render: bool,
        recentred: bool,
        begun_ns: int,
        cpu_begun_ns: int,
        moved: F64 | None = None,
        shrink: Shrink | None = None,
    ) -> None:
        self._owner = owner
        self.index = index
        """Counts the session's frames from 0."""
        self.xr_time = xr_time
        """The display time as the runtime writes it."""
        self.display_time_ns = display_time_ns
        """When the picture will be seen: monotonic nanoseconds, the middle of the display's exposure."""
        self.period_ns = period_ns
        """Between two frames of the display."""
        self.skipped = skipped
        """Whole display periods that passed without a frame since the one before."""
        self.head = head
        """(4, 4) head to world at the display time."""
        self.views = views
        """One for each eye, at the display time."""
        self.should_render = should_render
        """False while nothing would be seen (headset off the head, another app in front) or tracking is lost."""
        self.recentred = recentred
        """Whether the origin moved since the frame before, as when the user recentres: what stands somewhere is told
        from the new one now."""
        self.moved = moved
        """(4, 4) the new origin in the old space, so that its inverse takes what stood there to where it still stands;
        None where nothing moved, or where the runtime does not know."""
        self.begun_ns = begun_ns
        """Monotonic time at which the wait was over."""
        self.ended_ns = 0
        """Monotonic time at which the frame was submitted, 0 before."""
        self.cpu_ns = 0
        """Time that this thread computed between the wait and the submission, blocking not counted; 0 before."""
        self.needs_ms: float | None = None
        """What the GPU would take for the whole picture, be it drawn or not, foretold by whoever draws; the session
        chooses the display's rate by it."""
        self.targets: list[moderngl.Framebuffer] = []
        """One for each eye, between entering and leaving, where `should_render`."""
        self._cpu_begun_ns, self._shrink = cpu_begun_ns, shrink

    @property
    def late(self) -> bool:
        """Whether the picture missed its display time, or came after periods that had none; known once ended."""
        return self.skipped > 0 or self.ended_ns > self.display_time_ns

    @property
    def ended(self) -> bool:
        """Whether the frame was submitted."""
        return self.ended_ns > 0

    def __enter__(self) -> Self:
        if self.should_render:
            self.targets = self._owner.acquire()
        return self

    def shrink(self, share: float) -> float:
        """Have the pictures drawn with that share of their width and height, and enlarged by the runtime: `views` and
        `targets` are smaller from now on. To be called once, inside, before anything is drawn. Gives the share at which
        to draw into the targets: 1, or `share` where whoever shows the frame cannot enlarge it.
        """
        if share >= 1.0 or self._shrink is None:
            return share
        self.views, self.targets = self._shrink(share)
        return 1.0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.finish(with_picture=bool(self.targets) and error is None)
        except Exception:
            if error is None:
                raise  # else what went wrong first is what the user hears of

    def finish(self, *, with_picture: bool) -> None:
        """End the frame; leaving the frame does so, and so does the session."""
        self.targets = []
        self._owner.end(self, with_picture=with_picture)
        self.ended_ns = time.monotonic_ns()
        self.cpu_ns = time.thread_time_ns() - self._cpu_begun_ns
