"""Holds a live session's frame rate: tells the controller what the GPU took, and asks it for the next frames' quality.

A headset's GPU has the display's period for a frame. A software GPU never has: it draws as often as a conversation
needs a face to move, on the processor that also thinks and speaks, and no coarser than a face can be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import moderngl

from render.control import SCALES, QualityController
from render.gl.timer import GpuTimer
from render.load import Costs, Quality
from render.renderer import AvatarRenderer
from xr_app.session.frame import Frame

SOFTWARE_PERIOD_MS: Final = 1000 / 12
SOFTWARE_LEAST_GAUSSIANS: Final = 10_000
SOFTWARE_LEAST_SCALE: Final = 0.68
"""Of pictures that are small already."""
LOOK_NS: Final = 40_000_000
"""Between two looks at what the views will ask of the GPU: nobody walks far in that time."""
_STEADY: Final = 0.02
"""By how much of itself a period may waver."""


class Pace:
    """The quality of every frame of one session."""

    def __init__(
        self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, costs: Costs, *, software: bool
    ) -> None:
        """whole: how many Gaussians the avatar has, of which the renderer may draw fewer."""
        self._renderer, self._whole, self._costs, self._software = renderer, whole, costs, software
        self._timer = GpuTimer(ctx)
        self._controller: QualityController | None = None
        self._before: QualityController | None = None
        self._period_ns = 0
        self._looked_ns = 0
        self._least_scale = 0.0

    @property
    def found(self) -> QualityController | None:
        """What is known of this device by now; nothing before the first frame, but for what was begun with."""
        return self._controller or self._before

    def follow(self, found: QualityController | None) -> None:
        """Begin with what the one for the avatar before found out of this device."""
        self._before = found

    @contextmanager
    def drawing(self, frame: Frame, least_scale: float = 0.0) -> Iterator[Quality]:
        """Draw `frame` inside, at the level that the renderer was given and the scale of the quality, which is
        `least_scale` at least."""
        controller = self._controller = self._controller or self._make(frame, least_scale)
        if least_scale != self._least_scale:
            self._least_scale = least_scale
            controller.allow(self._scales(least_scale))
        if abs(frame.period_ns - self._period_ns) > _STEADY * self._period_ns:  # the display's rate has changed
            controller.hold(self._allowed_ms(frame))
            self._period_ns = frame.period_ns
        quality = controller.again(frame.index)
        frame.needs_ms = controller.needed_ms
        self._renderer.set_level(quality.gaussians)
        self._timer.begin(frame.index)
        try:
            yield quality
        finally:
            self._timer.end()

    def ended(self, frame: Frame) -> None:
        """Take in a frame that was submitted, and choose for the next ones while the display shows it."""
        controller = self._controller
        if controller is None:
            return
        if self._timer.offered:
            for span in self._timer.answers():
                controller.took(span.tag, span.milliseconds)
        else:
            # A frame that missed its display took at least the periods that went by, and of one that did not, all that
            # is known is what the processor took of it.
            periods = frame.skipped * frame.period_ns
            controller.took(frame.index, max(periods, frame.ended_ns - frame.begun_ns) / 1e6)
        if frame.begun_ns - self._looked_ns >= LOOK_NS:
            self._look(frame, controller)

    def _look(self, frame: Frame, controller: QualityController) -> None:
        self._looked_ns = frame.begun_ns
        controller.choose(frame.index + 1, frame.begun_ns / 1e9, self._renderer.load(frame.views))

    def _make(self, frame: Frame, least_scale: float) -> QualityController:
        levels, scales = list(self._renderer.levels), self._scales(least_scale)
        self._period_ns, self._least_scale = frame.period_ns, least_scale
        if self._software:
            levels = [level for level in levels if level >= SOFTWARE_LEAST_GAUSSIANS] or levels[-1:]
        now_s = frame.begun_ns / 1e9
        allowed_ms, before = self._allowed_ms(frame), self._before
        controller = QualityController(levels, self._whole, self._costs, allowed_ms, scales=scales, now_s=now_s)
        if before is not None:
            controller.follow(before)
            self._before = None
        self._look(frame, controller)
        return controller

    def _scales(self, least: float) -> list[float]:
        if self._software:
            least = max(least, SOFTWARE_LEAST_SCALE)
        return [scale for scale in SCALES if scale >= least]

    def _allowed_ms(self, frame: Frame) -> float:
        period_ms = frame.period_ns / 1e6
        return max(period_ms, SOFTWARE_PERIOD_MS) if self._software else period_ms

    def release(self) -> None:
        """Give the GPU's clock back."""
        self._timer.release()
