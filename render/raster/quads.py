"""A rasteriser by hardware: one oriented quad a splat, blended back to front.

Blending back to front lets the rounding of a half-float target fade behind what is drawn later; front to back it would
add up. The quads go to a canvas of the window's size first, because what tiles do at the end (call a pixel opaque
where less than 1/255 shines through) is no blend function. How many splats are visible stays on the GPU, as the
instance count of an indirect draw.
"""

from __future__ import annotations

import math
from typing import Final

import moderngl

from render.errors import ShaderError
from render.gl.context import Kernel, groups, shader_source
from render.raster.splats import Splats
from render.stages.window import TILE, Window
from render.view import View

_BLOCK: Final = 64
"""Splats that one invocation walks, in order."""
_COMMAND_BYTES: Final = 20
"""moderngl steps from command to command as if each had five words; a draw of arrays has four."""


class QuadRasteriser:
    """Turns one eye's splats into its picture. Owns the quads and the canvas of the eye drawn last; the canvas grows
    with the largest window."""

    def __init__(self, ctx: moderngl.Context, count: int, deviations: float) -> None:
        self._ctx = ctx
        self._fade = -(deviations**2) / 2 * math.log2(math.e)
        self._tally_up, self._fill = (Kernel(ctx, name, BLOCK=_BLOCK) for name in ("quads_count", "quads_fill"))
        self._scan, self._finish = Kernel(ctx, "quads_scan"), Kernel(ctx, "quads_finish")
        try:
            self._program = ctx.program(
                vertex_shader=shader_source(ctx, "quads_vertex", {}),
                fragment_shader=shader_source(ctx, "quads_fragment", {}),
            )
        except moderngl.Error as error:
            raise ShaderError(f"The driver does not take the shaders of quads: {str(error).strip()}") from None
        self._tally = ctx.buffer(reserve=groups(count, _BLOCK) * 4)
        self.command = ctx.buffer(bytes(_COMMAND_BYTES))
        """Vertices, instances, first vertex, first instance."""
        self.quads = ctx.buffer(reserve=count * 32)
        """uvec4[2] a visible splat, farthest first: see quads_fill.glsl."""
        self._array = ctx.vertex_array(self._program, [(self.quads, "4f 4u /i", "place", "form")])
        self._make_canvas(1, 1)

    def _make_canvas(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self._canvas = self._ctx.texture((columns * TILE, rows * TILE), 4, dtype="f2")
        self._target = self._ctx.framebuffer([self._canvas])

    def _reserve(self, window: Window) -> None:
        if window.columns > self._columns or window.rows > self._rows:
            self._target.release()
            self._canvas.release()
            self._make_canvas(max(window.columns, self._columns), max(window.rows, self._rows))

    def run(self, view: View, window: Window, splats: Splats, picture: moderngl.Texture) -> None:
        """Draw as Rasteriser.run says."""
        if not window.tiles:
            return
        self._reserve(window)
        blocks = groups(splats.count, _BLOCK)
        step = groups(blocks, 64)
        self._tally_up(step, [splats.bounds, splats.order, self._tally], count=splats.count)
        self._scan(1, [self._tally, self.command], blocks=blocks)
        self._fill(
            step,
            [splats.bounds, splats.order, self._tally, splats.words, self.quads],
            count=splats.count,
            origin=(float(window.x), float(window.y)),
            size=(view.width / TILE, view.height / TILE),
            fade=self._fade,
        )
        part = (0, 0, window.columns * TILE, window.rows * TILE)
        self._target.viewport = part
        self._target.use()
        self._target.clear(viewport=part)
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._program["window"] = (window.columns, window.rows)
        self._array.render_indirect(self.command, moderngl.TRIANGLE_STRIP, count=1)
        self._canvas.bind_to_image(0, read=True, write=False)
        picture.bind_to_image(1, read=False, write=True)
        self._finish((window.columns, window.rows), [], origin=(window.x * TILE, window.y * TILE))
