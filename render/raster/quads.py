"""A rasteriser by hardware: one oriented quad a splat, blended back to front.

Blending back to front lets the rounding of a half-float target fade behind what is drawn later; front to back it would
add up. The quads go to a canvas of the window's size first, because what tiles do at the end (call a pixel opaque
where less than 1/255 shines through) is no blend function. How many splats are visible stays on the GPU, as the
instance count of an indirect draw.

QuadRasteriser owns the quads, their draw command and the canvas. They hold the eye that was drawn last and are valid
until the next; GL runs the eyes one after the other, and nothing is kept from frame to frame, so one set serves all
and nothing is double-buffered. The canvas grows with the largest window. With depth it has a second picture: depth
times weight, and weight, from a middle so that halves would do; blended as the colour is.
"""

from __future__ import annotations

import math
from typing import Any, Final

import moderngl

from render.errors import ShaderError
from render.gl.context import Kernel, groups, is_es, shader_source, shared
from render.raster.splats import Splats
from render.stages.window import TILE, Window
from render.view import View

_BLOCK: Final = 64
"""Splats that one invocation walks, in order."""
_COMMAND_BYTES: Final = 20
"""moderngl steps from command to command as if each had five words; a draw of arrays has four."""


def _program(ctx: moderngl.Context, defines: dict[str, int]) -> moderngl.Program:
    try:
        return ctx.program(
            vertex_shader=shader_source(ctx, "quads_vertex", defines),
            fragment_shader=shader_source(ctx, "quads_fragment", defines),
        )
    except moderngl.Error as error:
        raise ShaderError(f"The driver does not take the shaders of quads: {str(error).strip()}") from None


class QuadRasteriser:
    """Turns one eye's splats into its picture."""

    def __init__(self, ctx: moderngl.Context, count: int, deviations: float, *, depth: bool = False) -> None:
        self._ctx = ctx
        self._fade = -(deviations**2) / 2 * math.log2(math.e)
        with_depth = {"DEPTH": int(depth)}
        self._tally_up = Kernel(ctx, "quads_count", BLOCK=_BLOCK)
        self._fill = Kernel(ctx, "quads_fill", BLOCK=_BLOCK, **with_depth)
        self._scan, self._finish = Kernel(ctx, "quads_scan"), Kernel(ctx, "quads_finish", **with_depth)
        self._program = shared(ctx, ("quads", depth), lambda: _program(ctx, with_depth))
        self._tally = ctx.buffer(reserve=groups(count, _BLOCK) * 4)
        self.command = ctx.buffer(bytes(_COMMAND_BYTES))
        """Vertices, instances, first vertex, first instance."""
        self.quads = ctx.buffer(reserve=count * 32)
        """uvec4[2] a visible splat, farthest first: see quads_fill.glsl."""
        content: list[Any] = [(self.quads, "4f 4u /i", "place", "form")]
        self._fars = ctx.buffer(reserve=count * 4) if depth else None
        if self._fars is not None:
            content.append((self._fars, "1f /i", "far"))
        self._array = ctx.vertex_array(self._program, content)
        self._make_canvas(1, 1)

    def _make_canvas(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        size = columns * TILE, rows * TILE
        self._canvas = [self._ctx.texture(size, 4, dtype="f2")]
        if self._fars is not None:
            self._canvas.append(self._ctx.texture(size, 2, dtype=_depth_type(self._ctx)))
        self._target = self._ctx.framebuffer(self._canvas)

    def _reserve(self, window: Window) -> None:
        if window.columns > self._columns or window.rows > self._rows:
            target, canvas = self._target, self._canvas
            # The old one is still bound if the other eye was drawn just now, and may not go before another is.
            self._make_canvas(max(window.columns, self._columns), max(window.rows, self._rows))
            self._target.use()
            target.release()
            for texture in canvas:
                texture.release()

    def run(
        self,
        view: View,
        window: Window,
        splats: Splats,
        picture: moderngl.Texture,
        depth: moderngl.Texture | None = None,
    ) -> None:
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
            [splats.bounds, splats.order, self._tally, splats.words, self.quads, *self._depths(splats)],
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
        middle = {} if depth is None else {"middle": splats.middle}
        if depth is not None:
            self._program["middle"] = splats.middle
        self._array.render_indirect(self.command, moderngl.TRIANGLE_STRIP, count=1)
        self._canvas[0].bind_to_image(0, read=True, write=False)
        picture.bind_to_image(1, read=False, write=True)
        if depth is not None:
            self._canvas[1].use(0)
            depth.bind_to_image(2, read=False, write=True)
        self._finish((window.columns, window.rows), [], origin=(window.x * TILE, window.y * TILE), **middle)

    def _depths(self, splats: Splats) -> list[moderngl.Buffer]:
        return [] if splats.depths is None or self._fars is None else [splats.depths, self._fars]


def _depth_type(ctx: moderngl.Context) -> str:
    """Floats where they blend, which GLES does not promise; halves hold 1 mm at 1 m from the middle."""
    return "f4" if not is_es(ctx) or "GL_EXT_float_blend" in ctx.extensions else "f2"
