"""The room around the avatar on a display through which nothing else is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xr_app.display import Display
from xr_app.room import Room
from xr_app.session.frame import Frame


class Stage:
    """The quiet room, for every view of a display."""

    can_see_through = False

    def __init__(self, display: Display, *, see_through: bool) -> None:
        """see_through: whether the viewer's own room is asked for, which there is no way to see here."""
        self._room = Room(display.ctx, display.depth_range)
        self.wanted = see_through

    def switch(self, see_through: bool) -> None:
        """Remember what is asked for."""
        self.wanted = see_through

    def update(self) -> None:
        """Nothing changes by itself."""

    def draw(self, frame: Frame, feet: NDArray[np.float64]) -> None:
        """Beneath what the frame's targets hold; feet: (3,) the avatar's place, metres."""
        for view, target in zip(frame.views, frame.targets, strict=True):
            self._room.draw(view, target, feet)

    def close(self) -> None:
        """Give the GL objects back."""
        self._room.release()
