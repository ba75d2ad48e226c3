"""What the frames of a session cost, for the panel of figures; while nobody looks at it, nothing is measured."""

from __future__ import annotations

from dataclasses import replace

import moderngl

from render.gl.context import is_software
from render.load import Quality
from render.measure.stage_clock import StageClock
from render.renderer import AvatarRenderer
from xr_app.panels.hud import FIGURES_NS, Figures, FrameTimes
from xr_app.session.frame import Frame


class Meter:
    """Of one renderer. Stages are timed where a GPU draws: a software one's clock tells nothing."""

    def __init__(self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int) -> None:
        """whole: how many Gaussians the avatar has."""
        self._ctx, self._renderer, self._whole = ctx, renderer, whole
        self._times: FrameTimes | None = None
        self._clock: StageClock | None = None
        self._before = -1, 0
        """Number and end of the last frame."""
        self._due_ns = 0

    def look(self, on: bool) -> None:
        """Whether somebody looks at the figures, from the next frame on."""
        if on == (self._times is not None):
            return
        self._times = FrameTimes() if on else None
        self._before, self._due_ns = (-1, 0), 0
        if on and not is_software(self._ctx):
            self._clock = StageClock(self._ctx)
            self._renderer.watch(self._clock.watch)
        elif not on:
            self.release()

    def ended(self, frame: Frame, quality: Quality) -> Figures | None:
        """Take in a frame that was submitted; the figures, when it is time for newer ones."""
        if self._times is None:
            return None
        index, ended_ns = self._before
        self._before = frame.index, frame.ended_ns
        if self._clock is not None:
            self._clock.frame()
        if index != frame.index - 1:  # nothing was shown meanwhile
            return None
        self._times.note((frame.ended_ns - ended_ns) / 1e6, frame.cpu_ns / 1e6)
        if frame.ended_ns < self._due_ns:
            return None
        self._due_ns = frame.ended_ns + FIGURES_NS
        return replace(
            self._times.figures(),
            gpu_ms=self._clock.take() if self._clock is not None else (),
            gaussians=(self._renderer.level, self._whole),
            scale=quality.scale,
        )

    def release(self) -> None:
        """Give the GPU's clock back."""
        if self._clock is not None:
            self._renderer.watch(None)
            self._clock.release()
            self._clock = None
