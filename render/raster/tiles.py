"""A rasteriser by compute: tiles of 8 x 8 pixels, blended front to back until nothing shows through.

On a software GPU it is 2.8 times faster than blended quads (250,000 Gaussians, 1280 x 720, llvmpipe, Mesa 22.3).
"""

from __future__ import annotations

import math

import moderngl

from render.gl.context import Kernel
from render.raster.bins import TileBins
from render.stages.window import TILE, Window
from render.view import View


class TileRasteriser:
    """Turns one eye's splats into its picture."""

    def __init__(self, ctx: moderngl.Context, count: int, deviations: float) -> None:
        self._fade = -(deviations**2) / 2 * math.log2(math.e)
        self.bins = TileBins(ctx, count)
        self._kernel = Kernel(ctx, "tiles")

    def run(
        self,
        view: View,
        window: Window,
        splats: moderngl.Buffer,
        bounds: moderngl.Buffer,
        order: moderngl.Buffer,
        count: int,
        tiles_a_splat: float,
        picture: moderngl.Texture,
    ) -> None:
        """Draw the first `count` splats in `order` into the `window` of `picture`, an rgba16f texture of whole tiles:
        premultiplied linear light."""
        if not window.tiles:
            return
        self.bins.run(window, bounds, order, count, tiles_a_splat)
        picture.bind_to_image(0, read=False, write=True)
        self._kernel(
            (window.columns, window.rows),
            [splats, self.bins.lists, self.bins.ranges],
            window=(window.x, window.y, window.columns),
            size=(view.width / TILE, view.height / TILE),
            fade=self._fade,
        )
