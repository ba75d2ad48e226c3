"""Which splats touch which bin of tiles, front to back: need, plan, count, sum, scan, place, fill.

A bin is one tile as long as the lists have room for every pair of tile and splat. Near views of enlarged splats need
more: then the GPU takes larger bins (bin_plan.glsl), of which each tile draws what touches its quarter. So no pair is
ever left out, memory does not depend on the view, and no count is read back.

TileBins owns all its buffers. They hold the eye that was binned last and are valid until the next; nothing is kept
from frame to frame, and GL runs one eye's dispatches after the other's, so one set serves all eyes. What depends on the
window grows with the largest.
"""

from __future__ import annotations

from typing import Final

import moderngl
import numpy as np

from render.gl.context import Kernel, groups, serial_chunks
from render.stages.window import Window

_SIZES: Final = 5
"""Bins of 1 x 1, 2 x 2, ... 16 x 16 tiles, beside one that holds the window."""
_BLOCK: Final = 32
"""Splats whose need is one number."""
_LONGEST: Final = 60_000
"""Steps of one invocation, under the 65,535 after which some drivers end its loops (llvmpipe)."""
_MOST_TALLIES: Final = 1 << 24
_PLAN_BYTES: Final = 40
SINGLE: Final = 16
"""Offset in the plan of the workgroups of a tile each where bins are single tiles."""
LARGE: Final = 28
"""And where they are larger."""


def pair_capacity(ctx: moderngl.Context, count: int) -> int:
    """How many pairs of bin and splat there is room for: what most views need, within what the device binds."""
    words = int(ctx.info.get("GL_MAX_SHADER_STORAGE_BLOCK_SIZE", 1 << 27)) // 4
    return min(4 * count + (1 << 20), words)


def chunks_for(count: int, tiles: int, wished: int) -> int:
    """Into how many chunks to cut the splats: `wished`, fewer where many tiles make the tallies large, more where a
    chunk would be too long."""
    chunks = wished
    while chunks > 64 and chunks * tiles > _MOST_TALLIES:
        chunks //= 2
    while count > chunks * (_LONGEST // 2):
        chunks *= 2
    return chunks


class TileBins:
    """Lists of the eye that was binned last."""

    def __init__(self, ctx: moderngl.Context, count: int) -> None:
        self._ctx, self._wished = ctx, serial_chunks(ctx)
        self._need = Kernel(ctx, "bin_need", SIZES=_SIZES, BLOCK=_BLOCK)
        self._choose = Kernel(ctx, "bin_plan", SIZES=_SIZES)
        self._clear, self._sum, self._scan, self._place = (
            Kernel(ctx, name) for name in ("bin_clear", "bin_sum", "bin_scan", "bin_place")
        )
        self._tally_up, self._fill = (Kernel(ctx, name, BLOCK=_BLOCK) for name in ("bin_count", "bin_fill"))
        self.capacity = pair_capacity(ctx, count)
        self._boxes = ctx.buffer(reserve=count * 8)
        self._needs = ctx.buffer(reserve=groups(count, _BLOCK) * _SIZES * 4)
        self.plan = ctx.buffer(reserve=_PLAN_BYTES)
        """See plan.glsl."""
        self.lists = ctx.buffer(reserve=self.capacity * 4)
        """Splats of each bin, front to back: see bin_fill.glsl."""
        self._tally, self._lengths, self.starts = (ctx.buffer(reserve=4) for _ in range(3))
        """`starts` is where each bin's list starts, and where the last ends."""
        self._tallies = self._bins = 0

    def _reserve(self, tiles: int, chunks: int) -> None:
        bins = groups(tiles, 16) * 16
        tallies = min(bins * chunks, max(_MOST_TALLIES, 16 * chunks))
        if tallies > self._tallies:
            self._tallies = tallies
            self._tally.release()
            self._tally = self._ctx.buffer(reserve=tallies * 4)
        if bins > self._bins:
            self._bins = bins
            self._lengths.release()
            self.starts.release()
            self._lengths = self._ctx.buffer(reserve=bins * 4)
            self.starts = self._ctx.buffer(reserve=(bins + 1) * 4)

    def run(self, window: Window, bounds: moderngl.Buffer, order: moderngl.Buffer, count: int) -> None:
        """List the first `count` splats, by their `bounds` and in `order`, bin by bin."""
        chunks = chunks_for(count, window.tiles, self._wished)
        self._reserve(window.tiles, chunks)
        blocks = groups(count, _BLOCK)
        self._need(groups(blocks, 64), [bounds, order, self._boxes, self._needs], count=count, blocks=blocks)
        self._choose(
            1,
            [self._needs, self.plan],
            blocks=blocks,
            chunks=chunks,
            window=(window.columns, window.rows),
            tallies=self._tallies,
            pairs=0.999 * self.capacity,  # sums of floats, rounded
            longest=float(_LONGEST),
        )
        fours = groups(window.tiles, 16) * 4
        self._clear(groups(min(fours * chunks, self._tallies // 4), 64), [self.plan, self._tally])
        self._tally_up(chunks // 8, [self._boxes, order, self.plan, self._tally], count=count)
        self._sum(groups(fours, 64), [self.plan, self._tally, self._lengths])
        self._scan(1, [self.plan, self._lengths, self.starts])
        self._place(groups(fours, 64), [self.plan, self._tally, self.starts])
        self._fill(chunks // 8, [self._boxes, order, self.plan, self._tally, self.lists], count=count)

    @property
    def listed(self) -> tuple[moderngl.Buffer, moderngl.Buffer, moderngl.Buffer]:
        """What tile_list.glsl reads: plan, starts and lists."""
        return self.plan, self.starts, self.lists

    def read_pairs(self) -> tuple[int, int]:
        """Side of a bin in tiles and pairs listed, of the eye binned last. Waits for the GPU: for benches and tests."""
        shift, _, bins, _ = np.frombuffer(self.plan.read(16), np.uint32).tolist()
        return 1 << shift, int(np.frombuffer(self.starts.read(4, offset=4 * bins), np.uint32)[0])

    def read_filled(self) -> dict[int, int]:
        """Bytes in use of the buffers that have room for more than the eye binned last, by their GL names. As slow."""
        _, _, bins, chunks = np.frombuffer(self.plan.read(16), np.uint32).tolist()
        return {self.lists.glo: 4 * self.read_pairs()[1], self._tally.glo: 4 * bins * chunks}
