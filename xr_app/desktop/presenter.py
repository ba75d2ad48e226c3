"""Puts a drawn picture on a window: cropped to its shape, enlarged or shrunk to its size, in the display's sRGB.

A window's own buffer is not drawn into directly: it may or may not encode sRGB by itself, has the size that the user
gives it, and what was drawn for an eye of a headset is not drawn a second time for those who look on.
"""

from __future__ import annotations

from typing import Final

import moderngl

from render.gl.targets import GL_FRAMEBUFFER_SRGB, encode_srgb

BACKDROP: Final = 0.03
"""Linear light behind what is transparent."""

_VERTEX: Final = """#version 430
uniform vec4 part;          // left, bottom, width and height of what is shown, of 1
out vec2 place;
void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    place = part.xy + corner * part.zw;
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
"""
_FRAGMENT: Final = """#version 430
uniform sampler2D picture;  // read as linear light, premultiplied
uniform float backdrop;
uniform vec4 inside;        // first and last centres of pixels that were drawn
in vec2 place;
out vec4 shown;
void main() {
    vec4 seen = texture(picture, clamp(place, inside.xy, inside.zw));
    vec3 light = clamp(seen.rgb + (1.0 - seen.a) * backdrop, 0.0, 1.0);
    vec3 steep = 1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055;
    shown = vec4(mix(steep, 12.92 * light, lessThanEqual(light, vec3(0.0031308))), 1.0);
}
"""


def cropped(size: tuple[int, int], to: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest part in the middle of a picture that has the shape `to`: left, bottom, width, height, of 1."""
    shape, wanted = size[0] / size[1], to[0] / to[1]
    wide, high = min(1.0, wanted / shape), min(1.0, shape / wanted)
    return (1 - wide) / 2, (1 - high) / 2, wide, high


class Presenter:
    """Shows pictures of one GL context on the window that the context belongs to."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = ctx.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        self._program["backdrop"] = BACKDROP
        self._triangle = ctx.vertex_array(self._program, [])
        self._screen = ctx.detect_framebuffer(0)
        # A sampler of its own, for a headset's pictures have settings that are their runtime's.
        self._sampler = ctx.sampler(texture=None, filter=(moderngl.LINEAR, moderngl.LINEAR))

    def show(self, drawn: moderngl.Framebuffer, size: tuple[int, int], used: tuple[int, int] | None = None) -> None:
        """Fill the window, which has `size` pixels, with the middle of what was drawn, into a texture that GL reads as
        linear light (sRGB or floats); used: so many of its pixels from the bottom left, all if not given."""
        picture = drawn.color_attachments[0]
        assert isinstance(picture, moderngl.Texture)
        used = used or picture.size
        left, bottom, width, height = cropped(used, size)
        (across, up), (x, y) = used, (1 / side for side in picture.size)
        self._program["part"] = left * across * x, bottom * up * y, width * across * x, height * up * y
        self._program["inside"] = 0.5 * x, 0.5 * y, (across - 0.5) * x, (up - 0.5) * y
        self._screen.use()
        self._ctx.viewport = (0, 0, *size)
        self._ctx.disable_direct(GL_FRAMEBUFFER_SRGB)
        self._ctx.enable_only(moderngl.NOTHING)
        picture.use()
        self._sampler.use()
        self._triangle.render(moderngl.TRIANGLES, vertices=3)
        self._sampler.clear()
        encode_srgb(self._ctx)

    def release(self) -> None:
        """Give the GL objects back."""
        self._sampler.release()
        self._triangle.release()
        self._program.release()
