"""Which rasteriser is faster on this device, timed once and kept.

The store holds a choice for each device, driver and class of work (how many Gaussians, how many pixels, to a power of
two). A choice that names what does not exist is as good as none: it is made again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Final

import moderngl
import numpy as np

from render.gl.context import is_software, nothing_stays
from render.gl.targets import colour_target
from render.measure.cloud import make_cloud
from render.measure.store import Choices, device_key
from render.measure.walk import Walk, stopwatch
from render.raster.rasteriser import RASTERISERS, Rasteriser, RasteriserName, candidates, make_rasteriser
from render.renderer import AvatarRenderer
from render.stages.project import FULL_DEVIATIONS
from render.steps import Steps, at_once, beside

WARM_UP: Final = 1
FRAMES: Final = 5
SOFTWARE_GAUSSIANS: Final = 5_000
SOFTWARE_SIDE: Final = 160
"""The most that a software GPU draws to choose, so that it is done within a second."""


def faster_rasteriser(
    ctx: moderngl.Context,
    store: Choices,
    *,
    gaussians: int,
    size: tuple[int, int],
    clock: Callable[[], float] = time.perf_counter,
) -> RasteriserName:
    """The faster rasteriser for about `gaussians` Gaussians in `size` pixels an eye: as `store` has it, else timed
    now by `clock` (seconds) and kept there. Leaves another framebuffer bound."""
    return at_once(choosing_rasteriser(ctx, store, gaussians=gaussians, size=size, clock=clock))


def choosing_rasteriser(
    ctx: moderngl.Context,
    store: Choices,
    *,
    gaussians: int,
    size: tuple[int, int],
    clock: Callable[[], float] = time.perf_counter,
) -> Steps[RasteriserName]:
    """The same, in steps of a frame each."""
    name = _class_of(ctx, gaussians, size)
    known = store.get(name)
    for rasteriser in RASTERISERS:
        if known == rasteriser:
            return rasteriser
    if is_software(ctx):
        gaussians, size = min(gaussians, SOFTWARE_GAUSSIANS), (min(size[0], SOFTWARE_SIDE), min(size[1], SOFTWARE_SIDE))
    times = yield from _timing(ctx, gaussians, size, clock)
    chosen = min(times, key=lambda rasteriser: times[rasteriser])
    store.put(name, chosen)
    return chosen


def draw_times(
    ctx: moderngl.Context, gaussians: int, size: tuple[int, int], clock: Callable[[], float] = time.perf_counter
) -> dict[RasteriserName, float]:
    """Median milliseconds of the draw stage by each rasteriser, frame by frame in turn, of a made-up person."""
    return at_once(_timing(ctx, gaussians, size, clock))


def _timing(
    ctx: moderngl.Context, gaussians: int, size: tuple[int, int], clock: Callable[[], float]
) -> Steps[dict[RasteriserName, float]]:
    with nothing_stays(ctx):
        return (yield from _timed(ctx, gaussians, size, clock))


def _timed(
    ctx: moderngl.Context, gaussians: int, size: tuple[int, int], clock: Callable[[], float]
) -> Steps[dict[RasteriserName, float]]:
    avatar = yield from beside(partial(make_cloud, gaussians))
    target = colour_target(ctx, *size)
    renderer = yield from AvatarRenderer.in_steps(ctx, avatar)
    walk = Walk(renderer, avatar, target)
    rasterisers: dict[RasteriserName, Rasteriser] = {}
    for name in candidates(ctx):
        rasterisers[name] = make_rasteriser(name, ctx, renderer.gaussians, FULL_DEVIATIONS)
        yield None
    times: dict[RasteriserName, dict[str, list[float]]] = {name: defaultdict(list) for name in rasterisers}
    for _ in range(WARM_UP + FRAMES):
        for name, renderer.rasteriser in rasterisers.items():
            renderer.watch(stopwatch(ctx, times[name], clock))
            walk.frame()
            yield None
    return {name: float(np.median(stages["draw"][WARM_UP:])) for name, stages in times.items()}


def _class_of(ctx: moderngl.Context, gaussians: int, size: tuple[int, int]) -> str:
    pixels = size[0] * size[1]
    return f"{device_key(ctx)} | rasteriser | 2^{gaussians.bit_length()} Gaussians | 2^{pixels.bit_length()} pixels"
