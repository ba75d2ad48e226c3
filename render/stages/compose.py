"""Lays an eye's finished picture over its target, enlarged where it was drawn smaller.

Splats may have been blended in linear light or, as scenes trained on photographs need, in display (sRGB) values
(Avatar.blending). Here both become linear light, and only then is what lies behind blended in: all of the picture, or
as much of it as a `Veil` lets through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Final

import moderngl

from assets.avatar import Blending
from render.gl.context import Uniforms, shader_source, shared
from render.stages.colour import BRIGHTEST
from render.stages.window import Window
from render.view import View

Colour = tuple[float, float, float, float]


@dataclass(frozen=True)
class Veil:
    """How an avatar that is not quite there is seen. It fades as one picture: no splat shows what is behind it."""

    opacity: float = 1.0
    """Share of the picture that covers what lies behind, 0 to 1."""
    tint: Colour = (1.0, 1.0, 1.0, 0.0)
    """Linear light that a white part takes on, darker ones less, and how much of it, 0 to 1."""


SOLID: Final = Veil()
"""As it is."""

Light = tuple[float, float, float]
"""What each primary of linear light is multiplied by."""
PLAIN: Final[Light] = (1.0, 1.0, 1.0)
"""As it was lit."""


def lit(colour: Light, light: Light) -> Light:
    """A colour of linear light in this light."""
    (red, green, blue), (a, b, c) = colour, light
    return red * a, green * b, blue * c


WAYS: Final = tuple((enlarge, veil) for enlarge in (False, True) for veil in (False, True))
"""What is solid and plainly lit is copied as it is."""


class Composer:
    """Clears a framebuffer and blends the picture over it, premultiplied."""

    def __init__(
        self,
        ctx: moderngl.Context,
        blending: Blending = "linear",
        depth_range: tuple[float, float] | None = None,
    ) -> None:
        self._ctx, self._blending, self._range = ctx, blending, None
        self._farthest = 1.0
        if depth_range is not None:
            near, per_unit = 1 / depth_range[0], 1 / (1 / depth_range[0] - 1 / depth_range[1])
            self._farthest = min(max(near * per_unit, 0.0), 1.0)
            self._range = near, per_unit
        self._ways = {
            way: shared(ctx, ("compose", blending, self._range, way), partial(self._make, *way)) for way in WAYS
        }

    def _make(self, enlarge: bool, veil: bool) -> tuple[Uniforms, moderngl.VertexArray]:
        ctx = self._ctx
        numbers = {
            "ENLARGE": int(enlarge),
            "VEIL": int(veil),
            "DISPLAY": int(self._blending == "display"),
            "BRIGHTEST": BRIGHTEST[self._blending],
            "DEPTH": int(self._range is not None),
        }
        program = ctx.program(
            vertex_shader=shader_source(ctx, "compose_vertex", {}),
            fragment_shader=shader_source(ctx, "compose_fragment", numbers),
        )
        if self._range is not None:
            program["depths"], program["range"] = 1, self._range
        return Uniforms(program), ctx.vertex_array(program, [])

    def run(
        self,
        picture: moderngl.Texture,
        view: View,
        window: Window,
        target: moderngl.Framebuffer,
        background: Colour | None,
        depth: moderngl.Texture | None = None,
        place: tuple[int, int] = (0, 0),
        veil: Veil = SOLID,
        light: Light = PLAIN,
    ) -> None:
        """Draw the `window` of what `picture` has of `view`, from the pixel `place` on, over `background` (linear
        light), or over transparent black where that is None. A view smaller than the target fills it all the same."""
        target.use()
        target.clear(*(background or (0.0, 0.0, 0.0, 0.0)), depth=self._farthest)
        left, bottom, width, height = window.pixels(view)
        if not width or not height:
            return
        picture.use(0)
        if depth is not None:
            depth.use(1)
        x, y = target.width / view.width, target.height / view.height
        enlarge = (target.width, target.height) != (view.width, view.height)
        changed = veil != SOLID or light != PLAIN
        uniforms, triangle = self._ways[enlarge, changed]
        uniforms.set(place=place)
        if enlarge:
            # What lies outside the window was not drawn in this frame.
            drawn = left + 0.5, bottom + 0.5, left + width - 0.5, bottom + height - 0.5
            uniforms.set(share=(1 / x, 1 / y), drawn=drawn)
        if changed:
            uniforms.set(opacity=veil.opacity, tint=veil.tint, light=light)
        right, top = math.ceil((left + width) * x), math.ceil((bottom + height) * y)
        left, bottom = math.floor(left * x), math.floor(bottom * y)
        target.viewport = (left, bottom, min(right, target.width) - left, min(top, target.height) - bottom)
        ctx = self._ctx
        ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        if depth is None:
            ctx.enable_only(moderngl.BLEND)
            triangle.render(moderngl.TRIANGLES, vertices=3)
        else:
            # GL writes no depth where it tests none.
            ctx.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
            ctx.depth_func = "1"
            triangle.render(moderngl.TRIANGLES, vertices=3)
            ctx.disable(moderngl.DEPTH_TEST)
            ctx.depth_func = "<"
        target.viewport = (0, 0, *target.size)
