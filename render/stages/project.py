"""Stage project: the Gaussians onto one eye's image, as 16-byte splats with the tiles that they touch."""

from __future__ import annotations

import math

import moderngl

from render.gl.context import Kernel, groups
from render.stages.lerp import rows
from render.stages.window import TILE, Window
from render.view import View

NEAREST_M = 0.05
"""Gaussians whose centre is nearer to the eye than this, or behind it, are not drawn."""
_SIDE = 0.15
"""Share of the image by which the Jacobian's slope may leave it (3D Gaussian Splatting's 1.3 half-images)."""


class Projector:
    """Owns the splats of the eye that was projected last."""

    def __init__(self, ctx: moderngl.Context, count: int, deviations: float, *, depth: bool = False) -> None:
        self._count = count
        self._max_square = deviations**2
        self._kernel = Kernel(ctx, "project", DEPTH=int(depth))
        self.splats = ctx.buffer(reserve=count * 16)
        """uvec4 a Gaussian: see project.glsl."""
        self.bounds = ctx.buffer(reserve=count * 8)
        """uvec2 a Gaussian: its first and last tile, the first word the larger where there is none."""
        self.depths = ctx.buffer(reserve=count * 4) if depth else None
        """A float a Gaussian that has tiles: metres along the eye's -z."""

    def run(self, view: View, window: Window, world: moderngl.Buffer, colours: moderngl.Buffer) -> None:
        """Project for `view`, of which `window` is drawn; centres farther outside than half the image are dropped."""
        left, right, up, down = (math.tan(angle) for angle in view.fov)
        x, y = _SIDE * (right - left), _SIDE * (up - down)
        depths = [] if self.depths is None else [self.depths]
        self._kernel(
            groups(self._count, 64),
            [world, colours, self.splats, self.bounds, *depths],
            count=self._count,
            eye=rows(view.world_to_eye),
            camera=tuple(value / TILE for value in view.intrinsics),
            limits=(left - x, down - y, right + x, up + y),
            size=(view.width / TILE, view.height / TILE),
            nearest=NEAREST_M,
            max_square=self._max_square,
            window=(window.x, window.y, window.x + window.columns - 1, window.y + window.rows - 1),
        )
