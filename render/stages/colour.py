"""Stage colour: spherical harmonics seen from the head centre, once for both eyes."""

from __future__ import annotations

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Gaussians
from render.gl.context import Kernel, groups
from render.stages.lerp import rows


class Colourer:
    """Keeps the harmonics on the GPU (as halves) and owns `colours`, one word a Gaussian."""

    def __init__(self, ctx: moderngl.Context, gaussians: Gaussians) -> None:
        self._count, coefficients, _ = gaussians.sh.shape
        self.degree = int(coefficients**0.5) - 1
        self._kernel = Kernel(ctx, "colour", DEGREE=self.degree)
        halves = gaussians.sh.reshape(self._count, -1).astype(np.float16)
        if halves.shape[1] % 2:
            halves = np.pad(halves, ((0, 0), (0, 1)))
        self._harmonics = ctx.buffer(np.ascontiguousarray(halves).tobytes())
        self.colours = ctx.buffer(reserve=self._count * 4)
        """Square roots of linear red, green and blue, clipped to 1, ten bits each."""

    def run(self, world: moderngl.Buffer, head: NDArray[np.float64], model: NDArray[np.float64]) -> None:
        """Colour what is in `world` as seen from `head` (3,), with the avatar placed by `model` (4, 4)."""
        seen = {"head": tuple(head.tolist()), "unmodel": rows(np.linalg.inv(model))} if self.degree else {}
        self._kernel(groups(self._count, 64), [world, self._harmonics, self.colours], count=self._count, **seen)
