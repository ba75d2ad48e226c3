"""Stage project: the Gaussians onto each eye's image, as 16-byte splats with the tiles that they touch.

The eyes share the world's Gaussians, their order and their colours; place, shape and bounds are each eye's own, and so
is what is left out: a Gaussian that one eye cannot see is still projected for the other. Only what faces away
(`ProjectOptions.hidden`) is judged from both eyes at once.

Buffers: `splats`, `bounds` and `depths` hold all eyes that were projected last, one after the other and each with as
many as were projected, until the next `run`. They grow with the eyes. `world` and `colours` are read only, and once for
all eyes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from assets.avatar import Antialiasing
from render.gl.context import Kernel, groups
from render.stages.eye import Eye, EyeNumbers
from render.stages.window import TILE

F64 = NDArray[np.float64]

NEAREST_M = 0.05
"""Gaussians whose centre is nearer to the eye than this, or behind it, are not drawn."""
FULL_DEVIATIONS: Final = math.sqrt(2 * math.log(255))
"""Where an opaque Gaussian falls under 1/255."""


@dataclass(frozen=True)
class ProjectOptions:
    """What may be left out of a picture, and how much of it. docs/benchmarks.md has what each costs and gains."""

    deviations: float = FULL_DEVIATIONS
    """Standard deviations at which a splat ends, where it has not fallen under 1/255 before."""
    contribution: float = 0.0
    """Splats that could add less light than this many opaque pixels are dropped (opacity x 2 pi x the product of the
    deviations in pixels)."""
    smallest_px: float = 0.0
    """Splats whose longer deviation is under this many pixels are dropped."""
    fovea: float | None = None
    """Radians from the gaze at which an eye resolves half as much: `contribution` is taken (1 + angle / fovea)^2 times
    there. None: the same everywhere."""
    hidden: float | None = None
    """Gaussians whose surface faces away from both eyes are dropped, this margin (of the angle's cosine) past where
    they were ever seen (facing.py), in avatars that tell. None: never."""


DESKTOP: Final = ProjectOptions(hidden=0.1)
"""What nobody sees is left out."""
HEADSET: Final = ProjectOptions(deviations=8**0.5, hidden=0.1)
"""Tighter bounds besides: over 48 dB, where sqrt 5 falls to 37. Dropping what is faint or small saves an avatar little
before it shows."""


class Projector:
    """Owns the splats of the eyes that were projected last, and what shaders read of those.

    `facing` (count,) are words of facing.py; without them nothing is hidden. `depth` asks for `depths`.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        count: int,
        options: ProjectOptions = DESKTOP,
        *,
        antialiasing: Antialiasing = "dilation",
        facing: NDArray[np.uint32] | None = None,
        depth: bool = False,
    ) -> None:
        self._options = options
        self._facing = None
        if facing is not None and options.hidden is not None:
            self._facing = ctx.buffer(np.ascontiguousarray(facing).tobytes())
        least = options.contribution > 0 or options.smallest_px > 0
        self._defines = {
            "DEPTH": int(depth),
            "MIP": int(antialiasing == "mip"),
            "LEAST": int(least),
            "FOVEA": int(least and options.fovea is not None),
            "HIDDEN": int(self._facing is not None),
        }
        self._kernels: dict[int, Kernel] = {}
        """By how many eyes they project for."""
        self._constants = self._limits(least)
        self._ctx, self._count, self._room = ctx, count, 1
        self._numbers = EyeNumbers(ctx)
        self.eyes = self._numbers.buffer
        """Uniform block of the eyes: see eyes.glsl."""
        self.splats = ctx.buffer(reserve=count * 16)
        """uvec4 a Gaussian: see project.glsl."""
        self.bounds = ctx.buffer(reserve=count * 8)
        """uvec2 a Gaussian: its first and last tile, the first word the larger where there is none."""
        self.depths = ctx.buffer(reserve=count * 4) if depth else None
        """A float a Gaussian that has tiles: metres along the eye's -z."""

    def _limits(self, least: bool) -> dict[str, float]:
        options = self._options
        limits = {"nearest": NEAREST_M, "max_square": options.deviations**2}
        if least:
            # In tiles, as the shader measures.
            limits["least_light"] = options.contribution / (2 * math.pi * TILE**2)
            limits["least_square"] = (options.smallest_px / TILE) ** 2
            if options.fovea is not None:
                limits["fovea"] = options.fovea
        if self._facing is not None and options.hidden is not None:
            limits["margin"] = options.hidden
        return limits

    def _kernel(self, eyes: int) -> Kernel:
        if eyes not in self._kernels:
            self._kernels[eyes] = Kernel(self._ctx, "project", EYES=eyes, **self._defines)
        return self._kernels[eyes]

    def _reserve(self, eyes: int) -> None:
        if eyes <= self._room:
            return
        self._room = eyes
        for buffer in (self.splats, self.bounds, self.depths):
            if buffer is not None:
                buffer.release()
        self.splats, self.bounds = (self._ctx.buffer(reserve=eyes * self._count * size) for size in (16, 8))
        if self.depths is not None:
            self.depths = self._ctx.buffer(reserve=eyes * self._count * 4)

    def run(
        self,
        eyes: Sequence[Eye],
        world: moderngl.Buffer,
        colours: moderngl.Buffer,
        count: int,
        *,
        model: F64 | None = None,
    ) -> None:
        """Project the first `count` for 1 to MOST_EYES `eyes`. Where things are hidden, `model` (4, 4) is the
        avatar-to-world that `world` was made with."""
        self._reserve(len(eyes))
        self._numbers.write(eyes, np.eye(4) if model is None else model)
        buffers = [world, colours, self.splats, self.bounds]
        buffers += [buffer for buffer in (self.depths, self._facing) if buffer is not None]
        self.eyes.bind_to_uniform_block(0)
        self._kernel(len(eyes))(groups(count, 64), buffers, count=count, **self._constants)
