"""Which splats touch which tile, front to back: count, scan, fill.

No count is read back, so the lists have a fixed capacity. A view that needs more (many Gaussians, very near) has every
tile's list cut at its far end by the same share, which hides little: what is far is mostly covered.
"""

from __future__ import annotations

from typing import Final

import moderngl

from render.gl.context import Kernel, groups, serial_chunks
from render.stages.window import Window

MAX_PAIRS: Final = 1 << 25
"""The smallest limit on a storage buffer that GL promises is 128 MiB."""
_MAX_TALLIES: Final = 1 << 24
_MAX_CHUNKS: Final = 1024
_LONG_WALK: Final = 32_768
"""Expected steps of one invocation, well under the 65,535 after which some drivers end its loops (llvmpipe)."""


def pair_capacity(count: int, tiles: int) -> int:
    """How many (tile, splat) pairs there is room for."""
    return min(32 * count + 64 * tiles, MAX_PAIRS)


def chunks_for(count: int, tiles: int, tiles_a_splat: float, fewest: int = 64) -> int:
    """Into how many chunks to cut the splats, so that the walk through each stays short and the tallies stay small."""
    chunks = fewest
    while chunks < _MAX_CHUNKS and count * (1 + tiles_a_splat) > chunks * _LONG_WALK:
        chunks *= 2
    while chunks > 64 and chunks * tiles > _MAX_TALLIES:
        chunks //= 2
    return chunks


class TileBins:
    """Owns the lists of the eye that was binned last; they grow with the largest window."""

    def __init__(self, ctx: moderngl.Context, count: int) -> None:
        self._ctx, self._count, self._fewest = ctx, count, serial_chunks(ctx)
        names = ("bin_clear", "bin_count", "bin_sum", "bin_scan", "bin_place", "bin_fill")
        self._clear, self._tally_up, self._sum, self._scan, self._place, self._fill = (Kernel(ctx, n) for n in names)
        self._tallies = self._tiles = 0
        self._reserve(1, self._fewest)

    def _reserve(self, tiles: int, chunks: int) -> None:
        if tiles * chunks > self._tallies:
            self._tallies = tiles * chunks
            self._tally = self._ctx.buffer(reserve=self._tallies * 4)
        if tiles > self._tiles:
            self._tiles = tiles
            self.capacity = pair_capacity(self._count, tiles)
            self._lengths = self._ctx.buffer(reserve=tiles * 4)
            self.starts = self._ctx.buffer(reserve=(tiles + 2) * 4)
            """Where each tile's list starts, where the last ends, and how many pairs the view asked for."""
            self.ranges = self._ctx.buffer(reserve=tiles * 8)
            """First and end of each tile's list."""
            self.lists = self._ctx.buffer(reserve=self.capacity * 4)
            """Splats of each tile, front to back."""

    def run(
        self, window: Window, bounds: moderngl.Buffer, order: moderngl.Buffer, count: int, tiles_a_splat: float
    ) -> None:
        """List the first `count` splats, by their `bounds` and in `order`, tile by tile; `tiles_a_splat` is
        a guess of how many each touches."""
        tiles = window.tiles
        chunks = chunks_for(count, tiles, tiles_a_splat, self._fewest)
        self._reserve(tiles, chunks)
        quads = tiles * chunks // 4
        walk = {"count": count, "columns": window.columns, "chunks": chunks}
        each = {"tiles": tiles, "chunks": chunks}
        self._clear(groups(quads, 64), [self._tally], count=quads)
        self._tally_up(chunks // 8, [bounds, order, self._tally], **walk)
        self._sum(groups(tiles, 64), [self._tally, self._lengths], **each)
        self._scan(1, [self._lengths, self.starts], tiles=tiles, capacity=self.capacity)
        self._place(groups(tiles, 64), [self._tally, self.starts, self.ranges], **each)
        self._fill(chunks // 8, [bounds, order, self._tally, self.lists], capacity=self.capacity, **walk)
