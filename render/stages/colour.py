"""Stage colour: what light each Gaussian sends to the head, once for both eyes; from harmonics or from a network.

A Colourer or a LightPacker owns `colours`, valid from a run until the next: one word a Gaussian, square roots of
red, green and blue as shares of the brightest that is kept, ten bits each. Directions owns what it makes likewise.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Blending, Gaussians
from render.gl.context import Kernel, Value, groups
from render.gl.uploads import uploaded
from render.stages.lerp import rows
from render.steps import Steps, beside

F64 = NDArray[np.float64]

BRIGHTEST: Final[dict[Blending, int]] = {"linear": 1, "display": 2}
"""What one Gaussian sends at most. Scenes trained on photographs have Gaussians brighter than white, whose light shows
behind others; the composer takes the picture back to this scale."""


class Colourer:
    """Keeps the harmonics on the GPU (as halves) and evaluates them."""

    def __init__(
        self,
        ctx: moderngl.Context,
        shape: tuple[int, ...],
        harmonics: moderngl.Buffer,
        *,
        light: bool,
        blending: Blending,
    ) -> None:
        """As `in_steps` makes it."""
        count, coefficients, _ = shape
        self.degree = int(coefficients**0.5) - 1
        self._light, self._harmonics = light, harmonics
        self._kernel = Kernel(ctx, "colour", DEGREE=self.degree, LIGHT=int(light), BRIGHTEST=BRIGHTEST[blending])
        self.colours = ctx.buffer(reserve=count * 4)

    @classmethod
    def in_steps(
        cls, ctx: moderngl.Context, gaussians: Gaussians, *, light: bool = False, blending: Blending = "linear"
    ) -> Steps[Self]:
        """`light` says whether `run` is given some."""
        harmonics = yield from uploaded(ctx, (yield from beside(partial(_halves, gaussians.sh))))
        return cls(ctx, gaussians.sh.shape, harmonics, light=light, blending=blending)

    def run(
        self,
        world: moderngl.Buffer,
        head: F64,
        model: F64,
        count: int,
        lights: tuple[moderngl.Buffer, ...] = (),
        alpha: float = 0.0,
    ) -> None:
        """Colour the first `count` of `world` as seen from `head` (3,), with the avatar placed by `model` (4, 4);
        between two `lights` (N, 3) of linear light, blended at `alpha`, is added."""
        seen = _seen_from(head, model) if self.degree else {}
        blend: dict[str, Value] = {"alpha": alpha} if self._light else {}
        buffers = [world, self._harmonics, self.colours, *lights]
        self._kernel(groups(count, 64), buffers, count=count, **seen, **blend)


class Directions:
    """Owns `directions`: (N, 3) unit vectors from the head to each Gaussian, in the axes of the rest pose."""

    def __init__(self, ctx: moderngl.Context, count: int) -> None:
        self._kernel = Kernel(ctx, "directions")
        self.directions = ctx.buffer(reserve=count * 12)

    def run(self, world: moderngl.Buffer, head: F64, model: F64, count: int) -> None:
        """Look at the first `count` of `world` from `head` (3,), with the avatar placed by `model` (4, 4)."""
        self._kernel(groups(count, 64), [world, self.directions], count=count, **_seen_from(head, model))


class LightPacker:
    """Owns `colours`, packed from a network's light."""

    def __init__(self, ctx: moderngl.Context, count: int, blending: Blending = "linear") -> None:
        self._kernel = Kernel(ctx, "rgb", BRIGHTEST=BRIGHTEST[blending])
        self.colours = ctx.buffer(reserve=count * 4)

    def run(self, light: moderngl.Buffer, count: int) -> None:
        """Pack the first `count` of `light` (N, 3), linear."""
        self._kernel(groups(count, 64), [light, self.colours], count=count)


def _halves(sh: NDArray[np.floating[Any]]) -> NDArray[np.float16]:
    """Each Gaussian's coefficients, in whole words."""
    halves = sh.reshape(len(sh), -1).astype(np.float16)
    return np.pad(halves, ((0, 0), (0, halves.shape[1] % 2)))


def _seen_from(head: F64, model: F64) -> dict[str, Value]:
    return {"head": tuple(head.tolist()), "unmodel": rows(np.linalg.inv(model))}
