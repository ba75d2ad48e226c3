"""Gaussians put straight into the world, for tests of the stages that come after lerp."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Cloud:
    """(N, 3) places, (N, 3, 3) covariances, (N,) opacities, (N, 3) linear colours."""

    positions: F64
    covariances: F64
    opacity: F64
    colour: F64

    def world(self, ctx: moderngl.Context) -> moderngl.Buffer:
        """As the Interpolator leaves them, with no turn from rest."""
        words = np.zeros((len(self.positions), 12), np.uint32)
        floats = np.empty((len(self.positions), 10), np.float32)
        floats[:, :3] = self.positions
        floats[:, 3] = np.log2(self.opacity)
        floats[:, 4:] = self.covariances[:, (0, 0, 0, 1, 1, 2), (0, 1, 2, 1, 2, 2)]
        words[:, :10] = floats.view(np.uint32)
        words[:, 10] = 32767
        return ctx.buffer(words.tobytes())

    def colours(self, ctx: moderngl.Context) -> moderngl.Buffer:
        """As the Colourer leaves them."""
        r, g, b = np.rint(np.sqrt(self.colour) * 1023).astype(np.uint32).T
        return ctx.buffer((r | g << 10 | b << 20).astype(np.uint32).tobytes())


def scattered(count: int, low: tuple[float, ...], high: tuple[float, ...], size: float, seed: int = 3) -> Cloud:
    """Ellipsoids of about `size` metres in a box, turned every way, of any colour and opacity."""
    rng = np.random.default_rng(seed)
    axes = Rotation.random(count, rng).as_matrix() * (size * rng.lognormal(0, 0.5, (count, 3)))[:, None, :]
    return Cloud(
        rng.uniform(low, high, (count, 3)),
        axes @ axes.transpose(0, 2, 1),
        rng.uniform(0.05, 0.99, count),
        rng.uniform(0.0, 1.0, (count, 3)),
    )
