"""Stage lerp: the Gaussians between two keys, placed in the world with their covariances.

Owns `world`, valid from a run until the next; both eyes read it in between.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians
from render.gl.context import Kernel, groups
from render.gl.uploads import uploaded
from render.stages.align import KeyState
from render.steps import Steps, beside

MIN_OPACITY = 1e-4
"""Opacity is kept as its logarithm; what is fainter than this is never seen."""


class Interpolator:
    """Blends two key states and owns the result, `world`."""

    def __init__(self, ctx: moderngl.Context, shapes: moderngl.Buffer, rest: KeyState) -> None:
        """As `in_steps` makes it."""
        self._kernel = Kernel(ctx, "lerp")
        self._shapes, self._rest_turns = shapes, rest.turns
        self.world = ctx.buffer(reserve=shapes.size // 16 * 48)
        """Three uvec4 a Gaussian: position, log2 opacity | covariance xx xy xz yy | yz zz, packed turn to rest."""

    @classmethod
    def in_steps(cls, ctx: moderngl.Context, gaussians: Gaussians, rest: KeyState) -> Steps[Self]:
        """Of these Gaussians, which are so at `rest`."""
        shapes = yield from beside(partial(_shapes, gaussians))
        return cls(ctx, (yield from uploaded(ctx, shapes)), rest)

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


def _shapes(gaussians: Gaussians) -> NDArray[np.float32]:
    """(N, 4) deviations, and the logarithm of opacity."""
    shapes = np.empty((len(gaussians), 4), np.float32)
    shapes[:, :3] = gaussians.scale
    shapes[:, 3] = np.log2(np.clip(gaussians.opacity, MIN_OPACITY, 1.0))
    return shapes


def rows(matrix: NDArray[np.floating[Any]]) -> tuple[tuple[float, ...], ...]:
    """The first three rows of a (4, 4) matrix, as shaders take them."""
    return tuple(tuple(row) for row in matrix[:3].tolist())
