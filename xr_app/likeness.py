"""What a session draws of one avatar, and gives back when another one takes its place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import moderngl

from assets.avatar import Avatar
from render.gl.context import is_software
from render.load import Costs, Quality
from render.plan import MakeModel
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.stages.project import HEADSET
from render.stages.sort import SortShape
from xr_app.display import Display
from xr_app.meter import Meter
from xr_app.mouth import AvatarMouth
from xr_app.pace import Pace
from xr_app.panels.hud import Figures
from xr_app.session.frame import Frame


class Pacing(Protocol):
    """Chooses the quality of every frame (pace.py)."""

    def drawing(self, frame: Frame, least_scale: float, /) -> AbstractContextManager[Quality]:
        """Draw `frame` inside, at the level that the renderer was given and the scale of the quality, which is
        `least_scale` at least."""
        ...

    def ended(self, frame: Frame) -> None:
        """Take in a frame that was submitted."""
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


class MakeMeter(Protocol):
    """As `Meter`."""

    def __call__(self, ctx: moderngl.Context, renderer: AvatarRenderer, whole: int, /) -> Metering: ...


class Likeness:
    """Of one avatar on one display. Raises RenderError where it cannot be drawn."""

    def __init__(
        self,
        display: Display,
        avatar: Avatar,
        make_model: MakeModel | None,
        *,
        gaussians: int | None,
        rasteriser: RasteriserName,
        sort_shape: SortShape,
        costs: Costs,
        make_pace: MakePace,
        make_meter: MakeMeter,
    ) -> None:
        """As `Live` has them."""
        whole = len(avatar.gaussians)
        self.renderer = AvatarRenderer(
            display.ctx,
            avatar,
            gaussians=gaussians,
            options=HEADSET,
            rasteriser=rasteriser,
            sort_shape=sort_shape,
            make_model=make_model,
            depth_range=display.depth_range,
        )
        self.pace = make_pace(display.ctx, self.renderer, whole, costs, software=is_software(display.ctx))
        self.meter = make_meter(display.ctx, self.renderer, whole)
        self.mouth = AvatarMouth(avatar)

    def release(self) -> None:
        """End what runs beside the frames, and give the clocks back. The GL objects go with the last who holds them,
        where the context does not keep such (`nothing_stays`)."""
        if isinstance(self.pace, Pace):
            self.pace.release()
        if isinstance(self.meter, Meter):
            self.meter.release()
        self.renderer.release()


Draws = Callable[[Avatar, MakeModel | None], Likeness]
"""Makes one for a display that is open."""
