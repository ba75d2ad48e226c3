"""Stage sort: one stable front-to-back order of the Gaussians for both eyes, from the head centre.

The keys are 16 bits of distance over the avatar's own range: 2 m / 65,536 = 30 micrometres a step. Two passes of
8 bits sort them; nothing is read back. Counting and scattering give each invocation one contiguous chunk of the list
with counters of its own, so the sort is stable without atomics.
"""

from __future__ import annotations

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import Kernel, groups, serial_chunks

MAX_ITEMS = 1 << 24
"""Indices have 24 bits between the passes."""
_LONGEST_CHUNK = 32_768
"""Some drivers end a loop after 65,535 turns (llvmpipe)."""


class RadixSort:
    """A stable sort of up to `count` 16-bit keys; `order` then holds their indices, smallest key first."""

    def __init__(self, ctx: moderngl.Context, count: int, chunks: int) -> None:
        while count > chunks * _LONGEST_CHUNK:
            chunks *= 2
        self._chunks = chunks
        self._tallies = [Kernel(ctx, "radix_count", CHUNKS=chunks, PASS=p) for p in (0, 1)]
        self._scatters = [Kernel(ctx, "radix_scatter", CHUNKS=chunks, PASS=p) for p in (0, 1)]
        self._scan = Kernel(ctx, "radix_scan", CHUNKS=chunks)
        self._tally = ctx.buffer(reserve=256 * chunks * 4)
        self._between = ctx.buffer(reserve=count * 4)
        self.order = ctx.buffer(reserve=count * 4)

    def run(self, keys: moderngl.Buffer, count: int) -> None:
        """Sort the first `count` of `keys`, one word each of which the low 16 bits count; the keys stay as they are."""
        for step, (source, target) in enumerate(((keys, self._between), (self._between, self.order))):
            self._tallies[step](self._chunks // 8, [source, self._tally], count=count)
            self._scan(1, [self._tally])
            self._scatters[step](self._chunks // 8, [source, self._tally, target], count=count)


class DepthSort:
    """Keys by distance from the head, then the radix sort."""

    def __init__(self, ctx: moderngl.Context, count: int) -> None:
        self._kernel = Kernel(ctx, "depth_keys")
        self._radix = RadixSort(ctx, count, serial_chunks(ctx))
        self.keys = ctx.buffer(reserve=count * 4)

    @property
    def order(self) -> moderngl.Buffer:
        """One index a Gaussian, nearest first."""
        return self._radix.order

    def run(
        self, world: moderngl.Buffer, head: NDArray[np.float64], nearest: float, farthest: float, count: int
    ) -> None:
        """Order the first `count` of `world` by distance from `head` (3,); all lie between the two distances."""
        per_metre = 65_535.0 / max(farthest - nearest, 1e-6)
        self._kernel(
            groups(count, 64),
            [world, self.keys],
            count=count,
            head=tuple(head.tolist()),
            nearest=nearest,
            per_metre=per_metre,
        )
        self._radix.run(self.keys, count)
