"""The room around the avatar on a display through which nothing else is seen."""

from __future__ import annotations

from assets.avatar import Avatar
from render.ground.ground import Ground
from render.ground.standing import Standing
from xr_app.display import Display
from xr_app.session.frame import Frame


class Stage:
    """The stage that is drawn, for every view of a display."""

    can_see_through = False

    def __init__(self, display: Display, avatar: Avatar, *, see_through: bool) -> None:
        """see_through: whether the viewer's own room is asked for, which there is no way to see here."""
        self._ground = Ground(display.ctx, avatar, display.depth_range)
        self.wanted = see_through

    def switch(self, see_through: bool) -> None:
        """Remember what is asked for."""
        self.wanted = see_through

    def update(self) -> None:
        """Nothing changes by itself."""

    def draw(self, frame: Frame, standing: Standing) -> None:
        """Beneath what the frame's targets hold, the avatar's shadow included."""
        self._ground.cast(standing, stage=True)
        for view, target in zip(frame.views, frame.targets, strict=True):
            self._ground.draw_stage(view, target)

    def close(self) -> None:
        """Give the GL objects back."""
        self._ground.release()
