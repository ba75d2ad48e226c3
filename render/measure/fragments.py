"""How many fragments a frame blends: a Gaussian at a pixel is one.

Tiles count their own, lane by lane, in a variant of their shader; quads are counted by the hardware, as the samples
that their draw passes. What is *seen* is the part that no renderer can leave out: an alpha of at least 1/255, at a
pixel through which at least 1/255 still shows. Only tiles know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

import moderngl
import numpy as np

from render.gl.context import is_es
from render.measure.walk import Walk
from render.raster.tiles import TileRasteriser
from render.renderer import AvatarRenderer
from render.stages.eye import MOST_EYES
from render.stages.project import ProjectOptions
from render.stages.window import TILE

_LANES: Final = 8
_LANE_BYTES: Final = 8


@dataclass(frozen=True)
class Fragments:
    """Of all eyes of a frame; 0 where they cannot be counted."""

    evaluated: int = 0
    seen: int = 0


NO_FRAGMENTS: Final = Fragments()


def count_fragments(
    ctx: moderngl.Context, renderer: AvatarRenderer, walk: Walk, size: tuple[int, int], options: ProjectOptions
) -> Fragments:
    """Those of the next frame of `walk` into targets of `size`, by `renderer`, which draws with `options`."""
    if isinstance(renderer.rasteriser, TileRasteriser):
        return _of_tiles(ctx, renderer, walk, size, options)
    return NO_FRAGMENTS if is_es(ctx) else _of_quads(ctx, renderer, walk)


def _of_tiles(
    ctx: moderngl.Context, renderer: AvatarRenderer, walk: Walk, size: tuple[int, int], options: ProjectOptions
) -> Fragments:
    tiles = -(-size[0] // TILE) * -(-size[1] // TILE)
    counts = ctx.buffer(bytes(MOST_EYES * tiles * _LANES * _LANE_BYTES))
    usual = renderer.rasteriser
    renderer.rasteriser = TileRasteriser(ctx, renderer.gaussians, options.deviations, counts=counts)
    try:
        walk.frame()
    finally:
        renderer.rasteriser = usual
    evaluated, seen = np.frombuffer(counts.read(), np.uint32).reshape(-1, 2).sum(axis=0, dtype=np.int64).tolist()
    counts.release()
    return Fragments(evaluated, seen)


def _of_quads(ctx: moderngl.Context, renderer: AvatarRenderer, walk: Walk) -> Fragments:
    queries: list[moderngl.Query] = []

    @contextmanager
    def watch(kind: str) -> Iterator[None]:
        if kind != "draw":
            yield
            return
        query = ctx.query(samples=True)
        with query:
            yield
        queries.append(query)

    renderer.watch(watch)
    walk.frame()
    renderer.watch(lambda kind: nullcontext())
    return Fragments(evaluated=sum(query.samples for query in queries))
