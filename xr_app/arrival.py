"""Whoever comes first: read beside everything else (reading.py), and made ready between frames."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from assets.avatar import Avatar
from assets.paths import cache_dir
from render.gl.context import is_software
from render.measure.choice import choosing_rasteriser
from render.measure.costs import costing
from render.measure.store import CHOICES, Choices
from render.measure.tuning import tuning_sort
from render.plan import MakeModel
from render.raster.rasteriser import RasteriserName
from render.steps import Steps, beside
from xr_app.displays import Shown
from xr_app.likeness import Likeness, MakeMeter, MakePace, Manner


def arriving(
    shown: Shown,
    read: Callable[[], Avatar],
    on_read: Callable[[], None],
    *,
    gaussians: int | None,
    make_pace: MakePace,
    make_meter: MakeMeter,
) -> Steps[Likeness]:
    """Make the likeness of an avatar on a display, by whatever is fastest there, which is timed at the first start.

    read: waits for the avatar; on_read: called when it is there; gaussians: the most that are drawn, all if not given.
    Raises VisavisError.
    """
    display, store = shown.display, Choices(cache_dir() / CHOICES)
    avatar = yield from beside(read)
    on_read()
    make_model = yield from beside(partial(networks_of, avatar))
    most = gaussians or len(avatar.gaussians)
    rasteriser: RasteriserName = "tiles"
    if not is_software(display.ctx):
        rasteriser = yield from choosing_rasteriser(display.ctx, store, gaussians=most, size=display.eye_sizes[0])
    shape = yield from tuning_sort(display.ctx, store, most)
    costs = yield from costing(display.ctx, store, rasteriser)
    manner = Manner(costs, make_pace, make_meter, gaussians, rasteriser, shape)
    return (yield from Likeness.in_steps(display, manner, avatar, make_model))


def networks_of(avatar: Avatar) -> MakeModel | None:
    """Each the fastest way on this device, timed at the first start."""
    if not avatar.models:
        return None
    # MNN is loaded for avatars with networks only.
    from render.nets.choice import networks

    return networks(avatar.models, avatar.programs, Choices(cache_dir() / CHOICES))
