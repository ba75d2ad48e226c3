"""What a frame, a Gaussian, a tile and a pair cost on this device, timed once and kept.

A made-up person is drawn at two levels, two scales and two distances, which tells the four apart; they are the
non-negative least squares of the relative errors. On a software GPU the costs are known well enough (LLVMPIPE), and
measuring them would keep the wearer waiting; how fast the processor is the controller learns by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import astuple, replace
from functools import partial
from itertools import product
from math import isfinite
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import is_software, nothing_stays
from render.gl.targets import colour_target
from render.load import LLVMPIPE, Costs, amounts
from render.measure.cloud import make_cloud
from render.measure.store import Choices, device_key
from render.motion.pose import rest_key
from render.raster.rasteriser import RasteriserName
from render.renderer import AvatarRenderer
from render.steps import Steps, at_once, beside
from render.view import look_at_view

F64 = NDArray[np.float64]

GAUSSIANS: Final = 100_000
LEVEL: Final = 20_000
SIDE: Final = 1024
DISTANCES_M: Final = (0.5, 2.0)
SCALES: Final = (1.0, 0.4)
ROUNDS: Final = 6
WARM_UP: Final = 2


def costing(
    ctx: moderngl.Context,
    store: Choices,
    rasteriser: RasteriserName,
    clock: Callable[[], float] = time.perf_counter,
) -> Steps[Costs]:
    """The costs with this rasteriser, in steps of a frame each: as `store` has them, else timed now by `clock`
    (seconds) and kept there. Leaves another framebuffer bound."""
    if is_software(ctx):
        return LLVMPIPE
    key = f"{device_key(ctx)} | costs | {rasteriser}"
    known = store.get(key)
    if isinstance(known, list) and len(known) == 4 and all(isinstance(x, int | float) and isfinite(x) for x in known):
        costs = Costs(*(float(x) for x in known))
        if min(known) >= 0 and max(known) > 0:
            return costs
    costs = yield from _measuring(ctx, rasteriser, GAUSSIANS, LEVEL, SIDE, clock)
    store.put(key, list(astuple(costs)))
    return costs


def measure_costs(
    ctx: moderngl.Context,
    rasteriser: RasteriserName,
    *,
    gaussians: int = GAUSSIANS,
    level: int = LEVEL,
    side: int = SIDE,
    clock: Callable[[], float] = time.perf_counter,
) -> Costs:
    """Time a made-up person of so many Gaussians, and a smaller `level` of it, in pictures of `side` x `side`."""
    return at_once(_measuring(ctx, rasteriser, gaussians, level, side, clock))


def _measuring(
    ctx: moderngl.Context, rasteriser: RasteriserName, gaussians: int, level: int, side: int, clock: Callable[[], float]
) -> Steps[Costs]:
    with nothing_stays(ctx):
        counted, milliseconds = yield from _timed(ctx, rasteriser, gaussians, level, side, clock)
    found = yield from beside(partial(_solved, counted / milliseconds[:, None]))
    return Costs(*(float(x) for x in found))


def _solved(amounts_per_ms: F64) -> F64:
    # As long in loading as a renderer in the making, for what is asked once on a device.
    from scipy.optimize import nnls

    found: F64
    found, _ = nnls(amounts_per_ms, np.ones(len(amounts_per_ms)))
    return found


def _timed(
    ctx: moderngl.Context, rasteriser: RasteriserName, gaussians: int, level: int, side: int, clock: Callable[[], float]
) -> Steps[tuple[F64, F64]]:
    """(n, 4) amounts, and the (n,) milliseconds that they took."""
    avatar = yield from beside(lambda: replace(make_cloud(gaussians), levels=(level,)))
    target = colour_target(ctx, side, side)
    renderer = yield from AvatarRenderer.in_steps(ctx, avatar, rasteriser=rasteriser)
    key = rest_key(avatar)
    renderer.set_keys(key, key)
    counted, milliseconds = [], []
    for count, distance, scale in product(renderer.levels, DISTANCES_M, SCALES):
        renderer.set_level(count)
        took = []
        for step in range(WARM_UP + ROUNDS):
            # A hair to the side each time, so that every stage of a moving head runs.
            eyes = [(x + 1e-4 * step, 1.6, distance) for x in (-0.03, 0.03)]
            views = [look_at_view(eye, (eye[0], 1.5, 0.0), 90, side, side) for eye in eyes]
            head, model = views[0].pose, np.eye(4)
            ctx.finish()
            start = clock()
            renderer.draw(views, [target] * 2, head=head, model=model, alpha=0.0, background=None, scale=scale)
            ctx.finish()
            took.append(1e3 * (clock() - start))
            yield None
        counted.append(amounts(renderer.load(views), gaussians, np.array([float(count)]), np.array([scale]))[0])
        milliseconds.append(float(np.median(took[WARM_UP:])))
    return np.array(counted), np.maximum(milliseconds, 1e-6)
