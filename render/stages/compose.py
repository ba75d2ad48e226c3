"""Lays an eye's finished picture over its target.

Splats may have been blended in linear light or, as scenes trained on photographs need, in display (sRGB) values
(Avatar.blending). Here both become linear light, and only then is what lies behind blended in.
"""

from __future__ import annotations

import moderngl

from assets.avatar import Blending
from render.gl.context import shader_source

Colour = tuple[float, float, float, float]


class Composer:
    """Clears a framebuffer and blends the picture over it, premultiplied."""

    def __init__(self, ctx: moderngl.Context, blending: Blending = "linear") -> None:
        self._ctx = ctx
        program = ctx.program(
            vertex_shader=shader_source(ctx, "compose_vertex", {}),
            fragment_shader=shader_source(ctx, "compose_fragment", {"DISPLAY": int(blending == "display")}),
        )
        self._triangle = ctx.vertex_array(program, [])

    def run(
        self,
        picture: moderngl.Texture,
        part: tuple[int, int, int, int],
        target: moderngl.Framebuffer,
        background: Colour | None,
    ) -> None:
        """Draw `part` (left, bottom, width, height) over `background` (linear light), or over transparent black where
        that is None."""
        target.use()
        target.clear(*(background or (0.0, 0.0, 0.0, 0.0)))
        if not part[2] or not part[3]:
            return
        picture.use(0)
        target.viewport = part
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._triangle.render(moderngl.TRIANGLES, vertices=3)
        target.viewport = (0, 0, *target.size)
