"""Stage lerp: the Gaussians between two keys, placed in the world with their covariances."""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians
from render.gl.context import Kernel, groups
from render.stages.align import KeyState

MIN_OPACITY = 1e-4
"""Opacity is kept as its logarithm; what is fainter than this is never seen."""


class Interpolator:
    """Blends two key states and owns the result, `world`."""

    def __init__(self, ctx: moderngl.Context, gaussians: Gaussians, rest: KeyState) -> None:
        self._count = len(gaussians)
        self._kernel = Kernel(ctx, "lerp")
        shapes = np.empty((self._count, 4), np.float32)
        shapes[:, :3] = gaussians.scale
        shapes[:, 3] = np.log2(np.clip(gaussians.opacity, MIN_OPACITY, 1.0))
        self._shapes = ctx.buffer(shapes.tobytes())
        self._rest_turns = rest.turns
        self.world = ctx.buffer(reserve=self._count * 48)
        """Three uvec4 a Gaussian: position, log2 opacity | covariance xx xy xz yy | yz zz, packed turn to rest."""

    def run(self, previous: KeyState, following: KeyState, alpha: float, model: NDArray[np.float64]) -> None:
        """Blend at `alpha` from `previous` (0) to `following` (1); `model` (4, 4) is avatar-to-world."""
        keys = [previous.places, following.places, previous.turns, following.turns]
        self._kernel(
            groups(self._count, 64),
            [*keys, self._rest_turns, self._shapes, self.world],
            count=self._count,
            alpha=alpha,
            model=rows(model),
        )


def rows(matrix: NDArray[np.floating[Any]]) -> tuple[tuple[float, ...], ...]:
    """The first three rows of a (4, 4) matrix, as shaders take them."""
    return tuple(tuple(row) for row in matrix[:3].tolist())
