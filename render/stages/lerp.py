"""Stage lerp: the Gaussians between two keys, placed in the world with their covariances.

Owns `world`, valid from a run until the next; both eyes read it in between.
"""

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
        count = len(gaussians)
        self._kernel = Kernel(ctx, "lerp")
        shapes = np.empty((count, 4), np.float32)
        shapes[:, :3] = gaussians.scale
        shapes[:, 3] = np.log2(np.clip(gaussians.opacity, MIN_OPACITY, 1.0))
        self._shapes = ctx.buffer(shapes.tobytes())
        self._rest_turns = rest.turns
        self.world = ctx.buffer(reserve=count * 48)
        """Three uvec4 a Gaussian: position, log2 opacity | covariance xx xy xz yy | yz zz, packed turn to rest."""

    def run(
        self,
        previous: KeyState,
        following: KeyState,
        alpha: float,
        model: NDArray[np.float64],
        count: int,
        widening: float = 1.0,
    ) -> None:
        """Blend the first `count` at `alpha` from `previous` (0) to `following` (1); `model` (4, 4) is
        avatar-to-world, and deviations are multiplied by `widening`."""
        keys = [previous.places, following.places, previous.turns, following.turns]
        self._kernel(
            groups(count, 64),
            [*keys, self._rest_turns, self._shapes, self.world],
            count=count,
            alpha=alpha,
            widening=widening,
            model=rows(model),
        )


def rows(matrix: NDArray[np.floating[Any]]) -> tuple[tuple[float, ...], ...]:
    """The first three rows of a (4, 4) matrix, as shaders take them."""
    return tuple(tuple(row) for row in matrix[:3].tolist())
