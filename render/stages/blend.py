"""Stage blend: offsets of the Gaussians, as a network's few weights mix them (TaoAvatar, section 3.2).

The basis is written once. `sums()` gives room for one key's offsets, which whoever asked owns; it is valid from the
run that fills it until the next run into it.
"""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import Kernel, groups


class GaussianBlender:
    """Keeps a basis (B, N, 3) on the GPU, as halves."""

    def __init__(self, ctx: moderngl.Context, basis: NDArray[np.floating[Any]]) -> None:
        shapes, self._count, _ = basis.shape
        self._ctx = ctx
        self._kernel = Kernel(ctx, "blend", SHAPES=shapes)
        halves = basis.transpose(1, 0, 2).reshape(self._count, -1).astype(np.float16)
        halves = np.pad(halves, ((0, 0), (0, halves.shape[1] % 2)))
        self._basis = ctx.buffer(np.ascontiguousarray(halves).tobytes())

    def sums(self) -> moderngl.Buffer:
        """Room for (N, 3) offsets."""
        return self._ctx.buffer(reserve=self._count * 12)

    def run(self, weights: moderngl.Buffer, sums: moderngl.Buffer, count: int) -> None:
        """Fill `sums` for the first `count` Gaussians with the sum of the basis by `weights` (B,)."""
        self._kernel(groups(count, 64), [weights, self._basis, sums], count=count)
