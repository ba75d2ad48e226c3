"""Where a hand points at a panel: a dot that is a small panel itself, right before it.

So it is seen wherever panels are: above them in a headset, which puts panels over all that the app draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xr_app.panels.panel import Panel, Shown
from xr_app.panels.pointing import Hit
from xr_app.panels.style import BRIGHT, POINTER, SHADE, box
from xr_app.panels.text import Painting

F64 = NDArray[np.float64]

SIZE: Final = (40, 40)
_DOT, _PRESSED_DOT, _RIM = 24, 30, 4
_BEFORE_M: Final = 0.002
"""Before the panel, so that depth does not hide it."""


def paint_cursor(pressed: bool | None, picture: Image.Image) -> Painting:
    """Put it on a picture of SIZE; nothing for None."""
    if pressed is None:
        return
    side = _PRESSED_DOT if pressed else _DOT
    for wide, ink in ((side + 2 * _RIM, SHADE), (side, BRIGHT if pressed else POINTER)):
        edge = (SIZE[0] - wide) // 2
        box(picture, (edge, edge, edge + wide, edge + wide), wide // 2, ink)
    yield


class Cursors:
    """Of both hands on one panel."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.panels: list[Panel[Any]] = [
            Panel(f"cursor {side}", SIZE, paint_cursor, None, clock) for side in ("left", "right")
        ]
        self._hits: list[Hit | None] = [None, None]

    def point(self, side: int, hit: Hit | None, pressed: bool) -> None:
        """Where a hand points in this frame, and whether it presses."""
        self._hits[side] = hit
        if hit is not None and self.panels[side].shown is not pressed:
            self.panels[side].show(pressed)

    def place(self, side: int, on: Shown) -> F64 | None:
        """(3,) in the world where a hand points at the panel."""
        hit = self._hits[side]
        if hit is None:
            return None
        across, up = (hit.u - 0.5) * on.size[0], (0.5 - hit.v) * on.size[1]
        return np.asarray((on.pose @ (across, up, 0.0, 1.0))[:3])

    def shown(self, on: Shown, distance: float) -> list[Shown]:
        """The dots on that panel, so many metres from the eyes."""
        dots = []
        for side, panel in enumerate(self.panels):
            place = self.place(side, on)
            if place is not None and panel.shown is not None:
                pose = on.pose.copy()
                pose[:3, 3] = place + _BEFORE_M * on.pose[:3, 2]
                dots.append(Shown(panel, pose, panel.metres(distance), on.opacity))
        return dots
