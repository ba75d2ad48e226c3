"""A rasteriser by compute: tiles of 8 x 8 pixels, blended front to back until nothing shows through.

On a software GPU it is 2.8 times faster than blended quads (250,000 Gaussians, 1280 x 720, llvmpipe, Mesa 22.3).
Which splats touch a tile is found by counting, scanning and filling; no count is read back, so the lists have a fixed
capacity. If a view needs more (many Gaussians, very near), every tile's list is cut at its far end by the same share.
"""

from __future__ import annotations

import math

import moderngl

from render.context import Kernel, groups
from render.view import View
from render.window import TILE, Window

_MAX_PAIRS = 1 << 25
"""The smallest limit on a storage buffer that GL promises is 128 MiB."""


def pair_capacity(count: int, tiles: int) -> int:
    """How many (tile, splat) pairs there is room for."""
    return min(32 * count + 64 * tiles, _MAX_PAIRS)


class TileRasteriser:
    """Owns the tiles' lists of the eye that was drawn last; they grow with the largest view."""

    def __init__(self, ctx: moderngl.Context, count: int, deviations: float, chunks: int = 64) -> None:
        self._ctx, self._count, self._chunks = ctx, count, chunks
        self._fade = -(deviations**2) / 2 * math.log2(math.e)
        self._clear = Kernel(ctx, "bin_clear")
        self._tally_up = Kernel(ctx, "bin_count", CHUNKS=chunks)
        self._sum = Kernel(ctx, "bin_sum", CHUNKS=chunks)
        self._scan = Kernel(ctx, "bin_scan")
        self._place = Kernel(ctx, "bin_place", CHUNKS=chunks)
        self._fill = Kernel(ctx, "bin_fill", CHUNKS=chunks)
        self._raster = Kernel(ctx, "tiles")
        self._room = 0
        self._reserve(1)

    def _reserve(self, tiles: int) -> None:
        if tiles <= self._room:
            return
        self._room = tiles
        self.capacity = pair_capacity(self._count, tiles)
        self._tally = self._ctx.buffer(reserve=tiles * self._chunks * 4)
        self._lengths = self._ctx.buffer(reserve=tiles * 4)
        self.starts = self._ctx.buffer(reserve=(tiles + 2) * 4)
        """Where each tile's list starts, where the last ends, and how many pairs the view asked for."""
        self.ranges = self._ctx.buffer(reserve=tiles * 8)
        """First and end of each tile's list."""
        self.lists = self._ctx.buffer(reserve=self.capacity * 4)
        """Splats of each tile, front to back."""

    def run(
        self,
        view: View,
        window: Window,
        splats: moderngl.Buffer,
        bounds: moderngl.Buffer,
        order: moderngl.Buffer,
        picture: moderngl.Texture,
    ) -> None:
        """Draw the splats in `order` into the `window` of `picture`, an rgba16f texture of whole tiles: premultiplied
        linear light."""
        tiles, chunk_groups = window.tiles, self._chunks // 8
        if not tiles:
            return
        self._reserve(tiles)
        quads = tiles * self._chunks // 4
        walk = {"count": self._count, "columns": window.columns}
        self._clear(groups(quads, 64), [self._tally], count=quads)
        self._tally_up(chunk_groups, [bounds, order, self._tally], **walk)
        self._sum(groups(tiles, 64), [self._tally, self._lengths], tiles=tiles)
        self._scan(1, [self._lengths, self.starts], tiles=tiles, capacity=self.capacity)
        self._place(groups(tiles, 64), [self._tally, self.starts, self.ranges], tiles=tiles)
        self._fill(chunk_groups, [bounds, order, self._tally, self.lists], capacity=self.capacity, **walk)
        picture.bind_to_image(0, read=False, write=True)
        self._raster(
            (window.columns, window.rows),
            [splats, self.lists, self.ranges],
            window=(window.x, window.y, window.columns),
            size=(view.width / TILE, view.height / TILE),
            fade=self._fade,
        )
