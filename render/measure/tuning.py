"""Which shape of the sort is fastest on this device, timed once and kept.

The store holds a shape for each device, driver and class of work (how many Gaussians, to a power of two). What it
holds counts only where it is still one of the shapes worth trying.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Final

import moderngl
import numpy as np

from render.errors import ShaderError
from render.gl.context import nothing_stays
from render.measure.store import Choices, device_key
from render.stages.sort import DepthSort, SortShape, shapes
from render.steps import Steps, at_once, beside

WARM_UP: Final = 1
ROUNDS: Final = 7
MOST: Final = 1 << 20
"""The most that is sorted to choose a shape for."""
_HEAD: Final = np.array([0.0, 1.5, 1.6])


def tuned_sort(
    ctx: moderngl.Context, store: Choices, count: int, clock: Callable[[], float] = time.perf_counter
) -> SortShape:
    """The fastest shape in which to sort about `count` Gaussians: as `store` has it, else timed now by `clock`
    (seconds) and kept there. Raises ShaderError where the driver takes none."""
    return at_once(tuning_sort(ctx, store, count, clock))


def tuning_sort(
    ctx: moderngl.Context, store: Choices, count: int, clock: Callable[[], float] = time.perf_counter
) -> Steps[SortShape]:
    """The same, in steps of a shader or a sort each."""
    name = f"{device_key(ctx)} | sort | 2^{count.bit_length()} Gaussians"
    known = store.get(name)
    for shape in shapes(ctx):
        if known == asdict(shape):
            return shape
    times = yield from _timing(ctx, min(count, MOST), clock)
    if not times:
        raise ShaderError("The driver takes none of the shaders that sort; bring the graphics driver up to date.")
    chosen = min(times, key=lambda shape: times[shape])
    store.put(name, asdict(chosen))
    return chosen


def sort_times(
    ctx: moderngl.Context, count: int, clock: Callable[[], float] = time.perf_counter
) -> dict[SortShape, float]:
    """Median milliseconds that each shape takes, sort by sort in turn, for `count` points of a body that stands before
    the head; without the shapes that the driver does not take."""
    return at_once(_timing(ctx, count, clock))


def _timing(ctx: moderngl.Context, count: int, clock: Callable[[], float]) -> Steps[dict[SortShape, float]]:
    with nothing_stays(ctx):
        return (yield from _timed(ctx, count, clock))


def _timed(ctx: moderngl.Context, count: int, clock: Callable[[], float]) -> Steps[dict[SortShape, float]]:
    body = yield from beside(partial(_body, count))
    world = ctx.buffer(body.tobytes())
    sorts: dict[SortShape, DepthSort] = {}
    for shape in shapes(ctx):
        with suppress(ShaderError):
            sorts[shape] = DepthSort(ctx, count, shape)
        yield None
    times: dict[SortShape, list[float]] = defaultdict(list)
    for _ in range(WARM_UP + ROUNDS):
        for shape, sort in sorts.items():
            ctx.finish()
            start = clock()
            sort.run(world, _HEAD, 0.5, 3.5, count)
            ctx.finish()
            times[shape].append((clock() - start) * 1e3)
            yield None
    return {shape: float(np.median(taken[WARM_UP:])) for shape, taken in times.items()}


def _body(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(count, 12) as lerp leaves its world: a centre in the first three words. Neighbours in the list are neighbours
    in space (by_place), which decides how the places that a chunk writes to are spread."""
    rng = np.random.default_rng(0)
    world = np.zeros((count, 12), np.float32)
    height = np.linspace(0.0, 1.8, count)
    turn = rng.uniform(0, 2 * np.pi, count)
    world[:, :3] = np.stack([0.25 * np.cos(turn), height, 0.15 * np.sin(turn)], axis=1)
    return world
