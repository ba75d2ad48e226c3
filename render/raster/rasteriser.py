"""What draws the splats of all eyes: two ways, one of them in two shapes, behind one interface.

Which is faster depends on the device. Tiles stop where nothing shows through and need no blending hardware; quads use
it, and a mobile GPU blends them in memory on the chip. `choice.py` times all.

Whoever calls `run` owns the splats and the pictures; a rasteriser owns what it needs in between, and keeps nothing
from one frame to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol

import moderngl

from render.gl.context import is_software
from render.raster.quads import QuadRasteriser
from render.raster.splats import Splats
from render.raster.tiles import TileRasteriser
from render.stages.eye import Eye

RasteriserName = Literal["tiles", "tiles64", "quads"]
RASTERISERS: Final[tuple[RasteriserName, ...]] = ("tiles", "tiles64", "quads")


def candidates(ctx: moderngl.Context) -> tuple[RasteriserName, ...]:
    """Those that may be the fastest here: a software GPU takes 64 invocations and their barriers four times as long."""
    return tuple(name for name in RASTERISERS if name != "tiles64" or not is_software(ctx))


class Rasteriser(Protocol):
    """Turns splats into the picture of all eyes."""

    def run(
        self,
        eyes: Sequence[Eye],
        splats: Splats,
        picture: moderngl.Texture,
        depth: moderngl.Texture | None = None,
    ) -> None:
        """Draw `splats` into the window of each of `eyes` in `picture`, an rgba16f texture in which each has a place
        of whole tiles: premultiplied light; and in `depth`, r32f and as large, if the rasteriser was made to: see
        depth.glsl."""
        ...


def make_rasteriser(
    name: RasteriserName, ctx: moderngl.Context, count: int, deviations: float, *, depth: bool = False
) -> Rasteriser:
    """The rasteriser of this name, for `count` splats that end at `deviations` standard deviations; made for `depth`,
    it must be given depths and a picture of depth whenever it runs."""
    if name == "quads":
        return QuadRasteriser(ctx, count, deviations, depth=depth)
    return TileRasteriser(ctx, count, deviations, depth=depth, wide=name == "tiles64")
