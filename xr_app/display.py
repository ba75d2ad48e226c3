"""What a live session is shown on: a headset's session, a window, or nothing that anybody looks at.

Whoever draws asks for frames, draws what `Frame.views` see into `Frame.targets` and leaves the frame. How many views
there are, who moves them and what a picture is shown by, only the display knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import moderngl

from render.ground.balls import Balls
from render.ground.standing import Standing
from render.stages.compose import Light
from xr_app.input.inputs import Inputs
from xr_app.panels.panel import Shown
from xr_app.placement.standing import Pulse
from xr_app.session.frame import Frame
from xr_app.surroundings.asked import Asked
from xr_app.surroundings.mode import Mode


class Display(Protocol):
    """Owned, with its GL context, by the thread that made it."""

    @property
    def ctx(self) -> moderngl.Context:
        """What to draw with; sRGB framebuffers are on."""
        ...

    @property
    def runtime_name(self) -> str:
        """What shows the pictures, for reports."""
        ...

    @property
    def eye_sizes(self) -> Sequence[tuple[int, int]]:
        """Width and height in pixels of each view's picture, now."""
        ...

    @property
    def depth_range(self) -> tuple[float, float] | None:
        """Metres at which depth is 0 and 1 in targets, None where they keep none."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Each frame, begun; ends when the session is over. Raises SessionLostError."""
        ...

    def request_exit(self) -> None:
        """Have `frames` end, at once or some frames later."""
        ...


class Scenery(Protocol):
    """What is around the avatar on a display."""

    asked: Asked
    """What is asked of it."""

    @property
    def can_see_through(self) -> bool:
        """Whether there is a way."""
        ...

    @property
    def mode(self) -> Mode:
        """What is around the avatar now."""
        ...

    def switch(self, see_through: bool) -> object:
        """Ask for the viewer's own room, or no longer."""
        ...

    def ask(self, asked: Asked) -> object:
        """Something else is asked of it from the next frame on."""
        ...

    @property
    def light(self) -> Light:
        """What the avatar's light is multiplied by, to fit what is around it."""
        ...

    def meet(self, balls: Balls) -> None:
        """From now on the shadow is this body's; there is none before."""
        ...

    def update(self, frame: Frame) -> None:
        """Once a frame, before it is drawn."""
        ...

    def draw(self, frame: Frame, standing: Standing) -> None:
        """Beneath what the frame's targets hold, the avatar's shadow included."""
        ...

    def close(self) -> None:
        """Give back what it took."""
        ...


class Hands(Protocol):
    """What the user does on a display, and feels."""

    def read(self, frame: Frame) -> Inputs:
        """In this frame, poses at its display time. Raises SessionLostError."""
        ...

    def feel(self, pulses: Sequence[Pulse], *, busy: bool) -> None:
        """Have hands buzz; busy: what is pressed from now on is meant for the menu or the avatar, not for the view."""
        ...


class Board(Protocol):
    """What panels are seen on."""

    @property
    def painted(self) -> bool:
        """Whether that is the pictures themselves."""
        ...

    def show(self, frame: Frame, shown: Sequence[Shown]) -> None:
        """These, the farthest first, with what is drawn in the frame's targets already."""
        ...

    def bring(self, shown: Sequence[Shown]) -> None:
        """Between two frames: make ready what the next one will show of these."""
        ...

    def close(self) -> None:
        """Give back what it took."""
        ...
