"""What panels are seen on: layers of a headset's runtime, or the picture itself."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl

from xr_app.panels.paint import PanelPainter
from xr_app.panels.panel import Shown
from xr_app.session.frame import Frame


class PaintedBoard:
    """Draws panels into the views of a display that nothing composes layers for."""

    painted = True

    def __init__(self, ctx: moderngl.Context, depth_range: tuple[float, float] | None) -> None:
        """depth_range: metres at which depth is 0 and 1, where targets keep it."""
        self._painter = PanelPainter(ctx, depth_range)

    def show(self, frame: Frame, shown: Sequence[Shown]) -> None:
        """Over what the frame's targets hold."""
        if shown:
            for view, target in zip(frame.views, frame.targets, strict=True):
                self._painter.draw(view, target, shown)

    def bring(self, shown: Sequence[Shown]) -> None:
        """Their pictures to the GPU, where they are new."""
        self._painter.bring(shown)

    def close(self) -> None:
        """Give the GL objects back."""
        self._painter.release()
