"""Stage blend: offsets of the Gaussians, as a network's few weights mix them (TaoAvatar, section 3.2).

The basis is written once, and which shapes move any of each 64 Gaussians: most shapes are of some place, and Gaussians
that are near each other stand near each other in their order, so most of a basis is never read. `sums()` gives room for
one key's offsets, which whoever asked owns; it is valid from the run that fills it until the next run into it.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import Kernel, groups
from render.gl.uploads import uploaded
from render.steps import Steps, beside

_GROUP: Final = 64


class GaussianBlender:
    """Keeps a basis (B, N, 3) on the GPU, as halves."""

    def __init__(
        self, ctx: moderngl.Context, shape: tuple[int, ...], basis: moderngl.Buffer, moving: moderngl.Buffer
    ) -> None:
        """As `in_steps` makes it."""
        shapes, self._count, _ = shape
        self._ctx, self._basis, self._moving = ctx, basis, moving
        self._kernel = Kernel(ctx, "blend", SHAPES=shapes)

    @classmethod
    def in_steps(cls, ctx: moderngl.Context, basis: NDArray[np.floating[Any]]) -> Steps[Self]:
        """Of this basis."""
        pairs, moving = yield from beside(partial(_packed, basis))
        pairs_buffer = yield from uploaded(ctx, pairs)
        return cls(ctx, basis.shape, pairs_buffer, (yield from uploaded(ctx, moving)))

    def sums(self) -> moderngl.Buffer:
        """Room for (N, 3) offsets."""
        return self._ctx.buffer(reserve=self._count * 12)

    def run(self, weights: moderngl.Buffer, sums: moderngl.Buffer, count: int) -> None:
        """Fill `sums` for the first `count` Gaussians with the sum of the basis by `weights` (B,)."""
        buffers = [weights, self._basis, sums, self._moving]
        self._kernel(groups(count, _GROUP), buffers, count=count, total=self._count)


def _packed(basis: NDArray[np.floating[Any]]) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Pairs of shapes, and for each group of Gaussians a bit for every pair that moves one of them."""
    shapes, count, _ = basis.shape
    pairs = np.pad(basis.astype(np.float16), ((0, shapes % 2), (0, 0), (0, 0)))
    pairs = np.ascontiguousarray(pairs.reshape(-1, 2, count, 3).transpose(0, 2, 1, 3))
    moves: NDArray[np.bool_] = np.asarray(pairs.any(axis=(2, 3)))
    moves = np.pad(moves, ((0, -len(moves) % 32), (0, -count % _GROUP)))
    bits = moves.reshape(len(moves), -1, _GROUP).any(axis=2).T
    return pairs, np.packbits(bits, axis=1, bitorder="little")
