"""The room around the avatar on a display through which nothing else is seen."""

from __future__ import annotations

from dataclasses import replace

from render.ground.balls import Balls
from render.ground.ground import Ground
from render.ground.standing import Standing
from render.stages.compose import Light
from xr_app.display import Display
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.mode import Mode


class Stage:
    """The stage that is drawn, for every view of a display."""

    can_see_through = False
    mode = Mode.STAGE

    def __init__(self, display: Display, asked: Asked) -> None:
        """The viewer's own room may be asked for; there is no way to see it here."""
        self.asked = asked
        self._ground = Ground(display.ctx, depth_range=display.depth_range)

    @property
    def light(self) -> Light:
        """As it is set, on the avatar and on the stage."""
        return self.asked.light.gain

    def ask(self, asked: Asked) -> None:
        """Remember what is asked for."""
        self.asked = asked

    def switch(self, see_through: bool) -> None:
        """Remember whether the viewer's own room is asked for."""
        self.asked = replace(self.asked, see_through=see_through)

    def update(self, frame: Frame) -> None:
        """Nothing changes by itself."""

    def draw(self, frame: Frame, standing: Standing) -> None:
        """Beneath what the frame's targets hold, the avatar's shadow included."""
        self._ground.draw(frame.views, frame.targets, standing, self.light, stage=True)

    def meet(self, balls: Balls) -> None:
        """Have the shadow of this body from now on."""
        self._ground.meet(balls)

    def close(self) -> None:
        """Give the GL objects back."""
        self._ground.release()
