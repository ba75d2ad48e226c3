"""Lays an eye's finished picture over its target."""

from __future__ import annotations

import moderngl

from render.context import shader_source

Colour = tuple[float, float, float, float]


class Composer:
    """Clears a framebuffer and blends the picture over it, premultiplied."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        program = ctx.program(
            vertex_shader=shader_source(ctx, "compose_vertex", {}),
            fragment_shader=shader_source(ctx, "compose_fragment", {}),
        )
        self._triangle = ctx.vertex_array(program, [])

    def run(self, picture: moderngl.Texture, target: moderngl.Framebuffer, background: Colour | None) -> None:
        """Draw over `background` (linear light), or over transparent black where it is None."""
        target.use()
        target.clear(*(background or (0.0, 0.0, 0.0, 0.0)))
        picture.use(0)
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._triangle.render(moderngl.TRIANGLES, vertices=3)
