"""Panels on a GPU: their pictures in linear light, multiplied by opacity, and panels drawn into an eye's view.

Pictures come as sRGB with straight opacity. They are turned into what is blended, linear light times opacity, by a pass
from texel to texel; only then is anything filtered, so that no edge takes colour from where nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import moderngl
import numpy as np

from render.gl.context import shader_head
from render.gl.targets import GL_SRGB8_ALPHA8
from render.view import View, projection_matrix
from xr_app.panels.panel import Panel, Shown
from xr_app.panels.panel_log import PastPanel, PastShown

_CORNER: Final = """
out vec2 place;
void main() {
    place = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(place * 2.0 - 1.0, 0.0, 1.0);
}
"""

_MULTIPLY: Final = """
uniform sampler2D picture;      // sRGB, straight opacity, top row first
uniform float opacity;
out vec4 colour;

void main() {
    ivec2 texel = ivec2(gl_FragCoord.xy);
    texel.y = textureSize(picture, 0).y - 1 - texel.y;
    vec4 shown = texelFetch(picture, texel, 0);
    vec3 light = mix(shown.rgb / 12.92, pow((shown.rgb + 0.055) / 1.055, vec3(2.4)), step(0.04045, shown.rgb));
    float alpha = shown.a * opacity;
    colour = vec4(light * alpha, alpha);
}
"""

_STAND: Final = """
uniform mat4 to_clip;           // from the panel's unit square
out vec2 place;
void main() {
    place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = to_clip * vec4(place - 0.5, 0.0, 1.0);
}
"""

_SHOW: Final = """
uniform sampler2D picture;      // linear light times opacity, bottom row first
in vec2 place;
out vec4 colour;
void main() { colour = texture(picture, place, -0.5); }     // text is rather sharp than smooth
"""

NO_DEPTH: Final = (0.05, 100.0)
"""Metres between which panels are drawn where no depth is kept."""


class Multiplier:
    """Brings a panel's picture into a framebuffer of the same size, as it will be blended."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx, head = ctx, shader_head(ctx)
        self._program = ctx.program(vertex_shader=head + _CORNER, fragment_shader=head + _MULTIPLY)
        self._triangle = ctx.vertex_array(self._program, [])
        self._textures: dict[tuple[int, int], moderngl.Texture] = {}

    def __call__(self, panel: Panel[Any] | PastPanel, opacity: float, target: moderngl.Framebuffer) -> None:
        """target: encodes sRGB where it keeps that; the context's `encode_srgb` is on."""
        texture = self._textures.get(panel.pixels)
        if texture is None:
            texture = self._textures[panel.pixels] = self._ctx.texture(panel.pixels, 4)
            texture.filter = moderngl.NEAREST, moderngl.NEAREST
        texture.write(panel.picture())
        texture.use(0)
        self._program["picture"], self._program["opacity"] = 0, opacity
        target.use()
        target.viewport = (0, 0, *panel.pixels)
        self._ctx.enable_only(moderngl.NOTHING)
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Give the GL objects back."""
        for texture in self._textures.values():
            texture.release()
        self._triangle.release()
        self._program.release()


class _Picture:
    """One panel's, with what is needed to see it from afar."""

    def __init__(self, ctx: moderngl.Context, size: tuple[int, int]) -> None:
        self.texture = ctx.texture(size, 4, internal_format=GL_SRGB8_ALPHA8)
        self.texture.filter = moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR
        self.texture.repeat_x = self.texture.repeat_y = False
        self.framebuffer = ctx.framebuffer([self.texture])
        self.holds: tuple[int, float] | None = None


class PanelPainter:
    """Draws panels into views: for the desktop window, the mirror and films, where no runtime composes layers."""

    def __init__(self, ctx: moderngl.Context, depth_range: tuple[float, float] | None = None) -> None:
        """depth_range: metres at which depth is 0 and 1, where targets keep depth: then what is nearer than a panel
        stays before it. Without, panels are before everything, as layers are.
        """
        self._ctx, self._range, head = ctx, depth_range, shader_head(ctx)
        self._multiply = Multiplier(ctx)
        self._program = ctx.program(vertex_shader=head + _STAND, fragment_shader=head + _SHOW)
        self._square = ctx.vertex_array(self._program, [])
        self._pictures: dict[str, _Picture] = {}

    def bring(self, shown: Sequence[Shown | PastShown]) -> None:
        """Have their pictures on the GPU before they are drawn."""
        for each in shown:
            self._picture(each)

    def draw(self, view: View, target: moderngl.Framebuffer, shown: Sequence[Shown | PastShown]) -> None:
        """Over what `target` holds, linear light premultiplied; the farthest panel comes first."""
        pictures = [self._picture(each) for each in shown]
        target.use()
        self._ctx.enable_only(moderngl.BLEND | (moderngl.DEPTH_TEST if self._range else 0))
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        to_eye = projection_matrix(view, *(self._range or NO_DEPTH)) @ view.world_to_eye
        for each, picture in zip(shown, pictures, strict=True):
            if not math.isfinite(each.opacity) or each.opacity <= 0:
                continue
            size = np.diag([*each.size, 1.0, 1.0])
            # Column by column, as GL reads matrices.
            self._program["to_clip"].write((to_eye @ each.pose @ size).T.astype("f4").tobytes())  # type: ignore[union-attr]
            self._program["picture"] = 0
            picture.texture.use(0)
            self._square.render(moderngl.TRIANGLE_STRIP, vertices=4)
        self._ctx.enable_only(moderngl.BLEND)

    def _picture(self, shown: Shown | PastShown) -> _Picture:
        panel = shown.panel
        picture = self._pictures.get(panel.name)
        if picture is None:
            picture = self._pictures[panel.name] = _Picture(self._ctx, panel.pixels)
        if picture.holds != (panel.version, shown.opacity):
            self._multiply(panel, shown.opacity, picture.framebuffer)
            picture.texture.build_mipmaps()
            picture.holds = panel.version, shown.opacity
        return picture

    def release(self) -> None:
        """Give the GL objects back."""
        self._multiply.release()
        for picture in self._pictures.values():
            picture.framebuffer.release()
            picture.texture.release()
        self._square.release()
        self._program.release()
