"""What draws an eye's splats: two ways, one interface.

Which is faster depends on the device. Tiles stop where nothing shows through and need no blending hardware; quads use
it, and a mobile GPU blends them in memory on the chip. `choice.py` times both.

Whoever calls `run` owns the splats and the pictures; a rasteriser owns what it needs in between, and keeps nothing
from one eye to the next.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

import moderngl

from render.raster.quads import QuadRasteriser
from render.raster.splats import Splats
from render.raster.tiles import TileRasteriser
from render.stages.window import Window
from render.view import View

RasteriserName = Literal["tiles", "quads"]
RASTERISERS: Final[tuple[RasteriserName, ...]] = ("tiles", "quads")


class Rasteriser(Protocol):
    """Turns one eye's splats into its picture."""

    def run(
        self,
        view: View,
        window: Window,
        splats: Splats,
        picture: moderngl.Texture,
        depth: moderngl.Texture | None = None,
    ) -> None:
        """Draw `splats` into the `window` of `picture`, an rgba16f texture of whole tiles: premultiplied light; and of
        `depth`, r32f and as large, if the rasteriser was made to: see depth.glsl."""
        ...


def make_rasteriser(
    name: RasteriserName, ctx: moderngl.Context, count: int, deviations: float, *, depth: bool = False
) -> Rasteriser:
    """The rasteriser of this name, for `count` splats that end at `deviations` standard deviations; made for `depth`,
    it must be given depths and a picture of depth whenever it runs."""
    make = TileRasteriser if name == "tiles" else QuadRasteriser
    return make(ctx, count, deviations, depth=depth)
