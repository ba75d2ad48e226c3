"""What a session draws of one avatar, and gives back when another one takes its place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, Self

import moderngl

from assets.avatar import Avatar
from render.control import QualityController
from render.gl.context import is_software
from render.ground.balls import Balls, fit_balls
from render.load import Costs, Quality
from render.motion.figure import Figure
from render.motion.pose import PoseKey
from render.plan import MakeModel
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.stages.project import HEADSET
from render.stages.sort import SortShape
from render.steps import Steps, beside
from render.view import look_at_view
from xr_app.display import Display
from xr_app.mouth import AvatarMouth
from xr_app.panels.hud import Figures
from xr_app.session.frame import Frame

_AWAY_M: Final = 1.5
_FOV_DEGREES: Final = 90.0
"""From where nobody sees it drawn for the first time."""


class Pacing(Protocol):
    """Chooses the quality of every frame (pace.py)."""

    def drawing(self, frame: Frame, least_scale: float, /) -> AbstractContextManager[Quality]:
        """Draw `frame` inside, at the level that the renderer was given and the scale of the quality, which is
        `least_scale` at least."""
        ...

    def ended(self, frame: Frame) -> None:
        """Take in a frame that was submitted."""
        ...

    @property
    def found(self) -> QualityController | None:
        """What it knows of this device by now, where it learns of it."""
        ...

    def follow(self, found: QualityController | None) -> None:
        """Begin with what the one for the avatar before found."""
        ...

    def release(self) -> None:
        """Give back what it took."""
        ...


class MakePace(Protocol):
    """As `Pace`."""

    def __call__(
        self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, costs: Costs, /, *, software: bool
    ) -> Pacing: ...


class Metering(Protocol):
    """Measures frames for those who look at figures (meter.py)."""

    def look(self, on: bool) -> None:
        """From this frame on somebody looks, or nobody."""
        ...

    def ended(self, frame: Frame, quality: Quality) -> Figures | None:
        """Newer figures, now and then."""
        ...

    def release(self) -> None:
        """Give back what it took."""
        ...


class MakeMeter(Protocol):
    """As `Meter`."""

    def __call__(self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, /) -> Metering: ...


@dataclass(frozen=True)
class Manner:
    """How avatars are drawn on a display."""

    costs: Costs
    """Of this device."""
    make_pace: MakePace
    make_meter: MakeMeter
    gaussians: int | None = None
    """The most that are drawn, all if not given."""
    rasteriser: RasteriserName = "tiles"
    sort_shape: SortShape | None = None
    """The renderer's own choice, if not given."""


class Likeness:
    """Of one avatar on one display."""

    def __init__(
        self,
        avatar: Avatar,
        renderer: AvatarRenderer,
        pace: Pacing,
        meter: Metering,
        *,
        mouth: AvatarMouth,
        balls: Balls,
        figure: Figure,
        manner: Manner,
        another: Draws,
    ) -> None:
        """As `in_steps` makes it."""
        self.avatar, self.renderer, self.pace, self.meter = avatar, renderer, pace, meter
        self.mouth, self.balls, self.figure = mouth, balls, figure
        """Where its voice comes from, what its shadow falls by, and its body, for one who poses it."""
        self.manner = manner
        self.another = another
        """Makes somebody else's, on the same display in the same manner."""

    @classmethod
    def in_steps(cls, display: Display, manner: Manner, avatar: Avatar, make_model: MakeModel | None) -> Steps[Self]:
        """As `Live` has them, made beside a display that goes on: when it is there, it was drawn once already, and its
        first frame takes no longer than others. Raises RenderError where it cannot be drawn."""
        renderer = yield from AvatarRenderer.in_steps(
            display.ctx,
            avatar,
            gaussians=manner.gaussians,
            options=HEADSET,
            rasteriser=manner.rasteriser,
            sort_shape=manner.sort_shape,
            make_model=make_model,
            depth_range=display.depth_range,
        )
        try:
            mouth, balls, figure = yield from beside(partial(_known, avatar))
            middle = float(avatar.mesh.vertices[:, 1].max()) / 2
            eye, at = (0.0, middle, _AWAY_M), (0.0, middle, 0.0)
            yield from renderer.rehearse([look_at_view(eye, at, _FOV_DEGREES, *size) for size in display.eye_sizes])
        except BaseException:  # nobody waits for it any more, or it cannot be drawn
            renderer.release()
            raise
        whole, software = len(avatar.gaussians), is_software(display.ctx)
        return cls(
            avatar,
            renderer,
            manner.make_pace(display.ctx, renderer, whole, manner.costs, software=software),
            manner.make_meter(display.ctx, renderer, whole),
            mouth=mouth,
            balls=balls,
            figure=figure,
            manner=manner,
            another=partial(cls.in_steps, display, manner),
        )

    def follow(self, before: Likeness) -> None:
        """Be drawn in their place, as finely as this device can: that was found out."""
        self.pace.follow(before.pace.found)

    def prepare(self, previous: PoseKey, following: PoseKey) -> None:
        """Find out by now what is found out of keys once, for a frame to come."""
        self.renderer.prepare(previous, following)
        self.mouth.prepare(previous, following)
        self.balls.prepare(previous, following)

    def release(self) -> None:
        """End what runs beside the frames, and give the clocks back. The GL objects go with the last who holds them,
        where the context does not keep such (`nothing_stays`, `later`)."""
        self.pace.release()
        self.meter.release()
        self.renderer.release()


def _known(avatar: Avatar) -> tuple[AvatarMouth, Balls, Figure]:
    return AvatarMouth(avatar), fit_balls(avatar), Figure(avatar)


Draws = Callable[[Avatar, MakeModel | None], Steps[Likeness]]
"""Makes one for a display that is open."""
