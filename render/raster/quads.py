"""A rasteriser by hardware: one oriented quad a splat, blended back to front.

Blending back to front lets the rounding of a half-float target fade behind what is drawn later; front to back it would
add up. The quads go to a canvas of the windows' size first, because what tiles do at the end (call a pixel opaque
where less than 1/255 shines through) is no blend function. How many splats are visible stays on the GPU, as the
instance count of an indirect draw.

All eyes are gone through at once but for the draws: the canvas holds their windows beside each other, and each is drawn
with a viewport of its own.

QuadRasteriser owns the quads, their draw commands and the canvas. They hold the eyes that were drawn last and are valid
until the next; nothing is kept from frame to frame, so nothing is double-buffered. Room for quads grows with the eyes,
the canvas with the largest window too. With depth it has a second picture: depth
times weight, and weight, from a middle so that halves would do; blended as the colour is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import moderngl

from render.errors import ShaderError
from render.gl.context import Kernel, Uniforms, groups, is_es, shader_source, shared
from render.gl.targets import widest
from render.raster.splats import Splats
from render.stages.eye import Eye, grid_of
from render.stages.window import TILE

_BLOCK: Final = 64
"""Splats that one invocation walks, in order."""
_COMMAND_BYTES: Final = 20
"""moderngl steps from command to command as if each had five words; a draw of arrays has four."""
_QUAD_BYTES: Final = 32


def _program(ctx: moderngl.Context, defines: dict[str, int]) -> tuple[moderngl.Program, Uniforms]:
    try:
        program = ctx.program(
            vertex_shader=shader_source(ctx, "quads_vertex", defines),
            fragment_shader=shader_source(ctx, "quads_fragment", defines),
        )
    except moderngl.Error as error:
        raise ShaderError(f"The driver does not take the shaders of quads: {str(error).strip()}") from None
    return program, Uniforms(program)


class QuadRasteriser:
    """Turns splats into the picture of all eyes."""

    def __init__(self, ctx: moderngl.Context, count: int, deviations: float, *, depth: bool = False) -> None:
        self._ctx, self._count, self._depth = ctx, count, depth
        self._fade = -(deviations**2) / 2 * math.log2(math.e)
        self._widest = widest(ctx)
        with_depth = {"DEPTH": int(depth)}
        self._tally_up = Kernel(ctx, "quads_count", BLOCK=_BLOCK)
        self._fill = Kernel(ctx, "quads_fill", BLOCK=_BLOCK, **with_depth)
        self._scan, self._finish = Kernel(ctx, "quads_scan"), Kernel(ctx, "quads_finish", **with_depth)
        self._program, self._uniforms = shared(ctx, ("quads", depth), lambda: _program(ctx, with_depth))
        self._make_room(1)
        self._make_canvas((1, 1))

    def _make_room(self, eyes: int) -> None:
        ctx, count = self._ctx, self._count
        self._tally = ctx.buffer(reserve=eyes * groups(count, _BLOCK) * 4)
        self.command = ctx.buffer(bytes(eyes * _COMMAND_BYTES))
        """Of each eye: vertices, instances, first vertex, first instance."""
        self.quads = ctx.buffer(reserve=eyes * count * _QUAD_BYTES)
        """uvec4[2] a visible splat, farthest first, with room for all of an eye's before the next: see
        quads_fill.glsl."""
        self._fars = ctx.buffer(reserve=eyes * count * 4) if self._depth else None
        self._arrays = [self._array(eye) for eye in range(eyes)]

    def _array(self, eye: int) -> moderngl.VertexArray:
        """The eye's quads; GLES lets no command start at another instance than the first."""
        array, start = self._ctx.vertex_array(self._program, []), eye * self._count
        for location, kind, words, offset in ((0, "f", "4f4", 0), (1, "i", "4u4", 16)):
            array.bind(location, kind, self.quads, words, start * _QUAD_BYTES + offset, _QUAD_BYTES, 1)
        if self._fars is not None:
            array.bind(2, "f", self._fars, "1f4", start * 4, 4, 1)
        return array

    def _make_canvas(self, tiles: tuple[int, int]) -> None:
        self._tiles = tiles
        size = tiles[0] * TILE, tiles[1] * TILE
        self._canvas = [self._ctx.texture(size, 4, dtype="f2")]
        if self._depth:
            self._canvas.append(self._ctx.texture(size, 2, dtype=_depth_type(self._ctx)))
        self._target = self._ctx.framebuffer(self._canvas)

    def _reserve(self, eyes: int, tiles: tuple[int, int]) -> None:
        if eyes > len(self._arrays):
            for each in (*self._arrays, self._tally, self.command, self.quads, self._fars):
                if each is not None:
                    each.release()
            self._make_room(eyes)
        if tiles[0] > self._tiles[0] or tiles[1] > self._tiles[1]:
            target, canvas = self._target, self._canvas
            # The old one is still bound if another frame was drawn just now, and may not go before another is.
            self._make_canvas((max(tiles[0], self._tiles[0]), max(tiles[1], self._tiles[1])))
            self._target.use()
            target.release()
            for texture in canvas:
                texture.release()

    def run(
        self,
        eyes: Sequence[Eye],
        splats: Splats,
        picture: moderngl.Texture,
        depth: moderngl.Texture | None = None,
    ) -> None:
        """Draw as Rasteriser.run says."""
        columns, rows = grid_of(eyes)
        if not columns or not rows:
            return
        width, height = columns * TILE, rows * TILE
        across = min(len(eyes), max(self._widest // width, 1))
        down = groups(len(eyes), across)
        self._reserve(len(eyes), (across * columns, down * rows))
        blocks = groups(splats.count, _BLOCK)
        step = groups(blocks, 64), len(eyes)
        splats.eyes.bind_to_uniform_block(0)
        self._tally_up(step, [splats.bounds, splats.order, self._tally], count=splats.count)
        self._scan(len(eyes), [self._tally, self.command], blocks=blocks)
        self._fill(
            step,
            [splats.bounds, splats.order, self._tally, splats.words, self.quads, *self._depths(splats)],
            count=splats.count,
            room=self._count,
            fade=self._fade,
        )
        part = (0, 0, across * width, down * height)
        self._target.viewport = part
        self._target.use()
        self._target.clear(viewport=part)
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._uniforms.set(window=(columns, rows))
        for index in range(len(eyes)):
            self._target.viewport = (index % across * width, index // across * height, width, height)
            self._arrays[index].render_indirect(self.command, moderngl.TRIANGLE_STRIP, count=1, first=index)
        self._canvas[0].bind_to_image(0, read=True, write=False)
        picture.bind_to_image(1, read=False, write=True)
        if depth is not None:
            self._canvas[1].use(0)
            depth.bind_to_image(2, read=False, write=True)
        self._finish((columns, rows, len(eyes)), [], across=across)

    def _depths(self, splats: Splats) -> list[moderngl.Buffer]:
        return [] if splats.depths is None or self._fars is None else [splats.depths, self._fars]


def _depth_type(ctx: moderngl.Context) -> str:
    """Floats where they blend, which GLES does not promise; halves hold 1 mm at 1 m from the middle."""
    return "f4" if not is_es(ctx) or "GL_EXT_float_blend" in ctx.extensions else "f2"
