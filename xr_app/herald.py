"""Who stands where the avatar will, until it is there: a figure of light that breathes, and leaves when it comes."""

from __future__ import annotations

from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.ground.standing import Standing
from render.motes import Motes
from render.motion.pose import PoseKey
from render.stages.compose import Light
from xr_app.session.frame import Frame

F64 = NDArray[np.float64]

ARRIVAL_NS: Final = 500_000_000
"""From the avatar's first picture until it is all there, and the figure gone."""
_NO_POSE: Final = PoseKey(-1, np.zeros(0, np.float32), np.zeros((0, 4, 4), np.float32))


class Herald:
    """On one display, on the thread of its frames. Makes nothing before it is needed; moves with the frames' time
    alone, so that what is recorded can be played again."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._motes: Motes | None = None
        self._begun_ns: int | None = None
        self._announced = False
        self._arrived_ns: int | None = None

    def announce(self) -> None:
        """Somebody comes, from the next frame on."""
        self._announced, self._arrived_ns = True, None

    def arrived(self, time_ns: int) -> float:
        """How much of them is there in the frame that is seen then, 0 to 1; all of those who were not announced."""
        if not self._announced:
            return 1.0
        if self._arrived_ns is None:
            self._arrived_ns = time_ns
        share = (time_ns - self._arrived_ns) / ARRIVAL_NS
        if share >= 1:
            self._announced = False
            return 1.0
        # Not nothing in the first picture, and at rest in the last.
        share = 0.08 + 0.92 * share
        return share * share * (3 - 2 * share)

    def draw(self, frame: Frame, model: F64, light: Light, gone: float) -> None:
        """Beneath what the frame's targets hold: `model` (4, 4) is where the figure stands, `gone` how much of it has
        left, 0 to 1; light: as the avatar's."""
        if self._motes is None:
            self._motes = Motes(self._ctx)
        if self._begun_ns is None:
            self._begun_ns = frame.display_time_ns
        seconds = (frame.display_time_ns - self._begun_ns) / 1e9
        for view, target in zip(frame.views, frame.targets, strict=True):
            self._motes.draw(view, target, model, seconds, gone=gone, light=light)

    def close(self) -> None:
        """Give the GL objects back."""
        if self._motes is not None:
            self._motes.release()
            self._motes = None


def nobody_on(floor: float, model: F64) -> Standing:
    """Somebody without a shadow, at `model` (4, 4), over a floor at that height."""
    return Standing(model, _NO_POSE, _NO_POSE, 0.0, 0.0, floor)
