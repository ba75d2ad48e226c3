"""Which splats touch which bin of each eye's tiles, front to back: need, plan, count, sum, scan, place, fill.

A bin is one tile as long as the lists have room for every pair of tile and splat. Near views of enlarged splats need
more: then the GPU takes larger bins (bin_plan.glsl), of which each tile draws what touches its quarter. So no pair is
ever left out, memory does not depend on the view, and no count is read back.

All eyes are binned at once, for a dispatch costs more than what it does for a small avatar. Each has bins and chunks of
its own, one eye's after the other's, so none is looked at for an eye that it is not of; all bins are of one size.

TileBins owns all its buffers. They hold the eyes that were binned last and are valid until the next; nothing is kept
from frame to frame. What depends on the window grows with the largest, and what depends on the eyes with those.
"""

from __future__ import annotations

from typing import Final

import moderngl
import numpy as np

from render.errors import RenderError
from render.gl.context import Kernel, groups, serial_chunks

_SIZES: Final = 5
"""Bins of 1 x 1, 2 x 2, ... 16 x 16 tiles, beside one that holds an eye's window."""
_BLOCK: Final = 32
"""Splats whose need is one number."""
_LONGEST: Final = 60_000
"""Steps of one invocation, under the 65,535 after which some drivers end its loops (llvmpipe)."""
_MOST_TALLIES: Final = 1 << 24
"""Of an eye."""
_PLAN_BYTES: Final = 44
MOST_SPLATS: Final = 1 << 24
"""Of all eyes, that a list can tell from each other."""
SINGLE: Final = 20
"""Offset in the plan of the workgroups of a tile each where bins are single tiles."""
LARGE: Final = 32
"""And where they are larger."""


def pair_capacity(ctx: moderngl.Context, count: int, eyes: int) -> int:
    """How many pairs of bin and splat there is room for: what most views need, within what the device binds."""
    return min(eyes * (4 * count + (1 << 20)), _most_words(ctx))


def _most_words(ctx: moderngl.Context) -> int:
    return int(ctx.info.get("GL_MAX_SHADER_STORAGE_BLOCK_SIZE", 1 << 27)) // 4


def chunks_for(count: int, tiles: int, wished: int) -> int:
    """Into how many chunks to cut an eye's splats: `wished`, fewer where many tiles make the tallies large, more
    where a chunk would be too long."""
    chunks = wished
    while chunks > 64 and chunks * tiles > _MOST_TALLIES:
        chunks //= 2
    while count > chunks * (_LONGEST // 2):
        chunks *= 2
    return chunks


class TileBins:
    """Lists of the eyes that were binned last."""

    def __init__(self, ctx: moderngl.Context, count: int) -> None:
        self._ctx, self._count, self._wished = ctx, count, serial_chunks(ctx)
        self._need = Kernel(ctx, "bin_need", SIZES=_SIZES, BLOCK=_BLOCK)
        self._choose = Kernel(ctx, "bin_plan", SIZES=_SIZES)
        self._clear, self._sum, self._scan, self._place = (
            Kernel(ctx, name) for name in ("bin_clear", "bin_sum", "bin_scan", "bin_place")
        )
        self._tally_up, self._fill = (Kernel(ctx, name, BLOCK=_BLOCK) for name in ("bin_count", "bin_fill"))
        self.plan = ctx.buffer(reserve=_PLAN_BYTES)
        """See plan.glsl."""
        self._refuse_too_many(1)
        self._make_room(1)
        self._tally, self._lengths, self.starts = (ctx.buffer(reserve=4) for _ in range(3))
        """`starts` is where each bin's list starts, and where the last ends."""
        self._tallies = self._bins = 0

    def _refuse_too_many(self, eyes: int) -> None:
        if eyes * self._count > MOST_SPLATS:
            raise RenderError(
                f"{self._count} Gaussians cannot be drawn for {eyes} eyes at once; draw {MOST_SPLATS // eyes} at most."
            )

    def _make_room(self, eyes: int) -> None:
        ctx, self._room = self._ctx, eyes
        self.capacity = pair_capacity(ctx, self._count, eyes)
        self._boxes = ctx.buffer(reserve=eyes * self._count * 8)
        self._needs = ctx.buffer(reserve=eyes * groups(self._count, _BLOCK) * _SIZES * 4)
        self.lists = ctx.buffer(reserve=self.capacity * 4)
        """Splats of each bin, front to back: see bin_fill.glsl."""

    def _reserve(self, eyes: int, tiles: int, chunks: int) -> None:
        if eyes > self._room:
            self._refuse_too_many(eyes)
            for buffer in (self._boxes, self._needs, self.lists):
                buffer.release()
            self._make_room(eyes)
        bins = eyes * groups(tiles, 16) * 16
        tallies = min(bins * chunks, max(eyes * _MOST_TALLIES, 16 * eyes * chunks), _most_words(self._ctx))
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

    def run(
        self, grid: tuple[int, int], eyes: int, bounds: moderngl.Buffer, order: moderngl.Buffer, count: int
    ) -> None:
        """List the first `count` splats of each eye, by their `bounds` (one eye's after the other's) and in `order`,
        bin by bin. `grid` has as many columns and rows of tiles as the largest window of an eye."""
        tiles = grid[0] * grid[1]
        chunks = chunks_for(count, tiles, self._wished)
        self._reserve(eyes, tiles, chunks)
        blocks = groups(count, _BLOCK)
        self._need((groups(blocks, 64), eyes), [bounds, order, self._boxes, self._needs], count=count, blocks=blocks)
        self._choose(
            1,
            [self._needs, self.plan],
            eyes=eyes,
            blocks=blocks,
            chunks=chunks,
            window=grid,
            tallies=self._tallies,
            pairs=0.999 * self.capacity,  # sums of floats, rounded
            longest=float(_LONGEST),
        )
        fours = eyes * groups(tiles, 16) * 4
        self._clear(groups(min(fours * chunks, self._tallies // 4), 64), [self.plan, self._tally])
        self._tally_up((chunks // 8, eyes), [self._boxes, order, self.plan, self._tally], count=count)
        self._sum(groups(fours, 64), [self.plan, self._tally, self._lengths])
        self._scan(1, [self.plan, self._lengths, self.starts])
        self._place(groups(fours, 64), [self.plan, self._tally, self.starts])
        self._fill((chunks // 8, eyes), [self._boxes, order, self.plan, self._tally, self.lists], count=count)

    @property
    def listed(self) -> tuple[moderngl.Buffer, moderngl.Buffer, moderngl.Buffer]:
        """What tile_list.glsl reads: plan, starts and lists."""
        return self.plan, self.starts, self.lists

    def read_pairs(self) -> tuple[int, int]:
        """Side of a bin in tiles, and pairs listed for the eyes binned last. Waits for the GPU: for benches, tests."""
        shift, _, bins, _ = np.frombuffer(self.plan.read(16), np.uint32).tolist()
        return 1 << shift, int(np.frombuffer(self.starts.read(4, offset=4 * bins), np.uint32)[0])

    def read_filled(self) -> dict[int, int]:
        """Bytes in use of the buffers that have room for more than the eyes binned last, by their GL names. As slow."""
        _, _, bins, chunks = np.frombuffer(self.plan.read(16), np.uint32).tolist()
        return {self.lists.glo: 4 * self.read_pairs()[1], self._tally.glo: 4 * bins * chunks}
