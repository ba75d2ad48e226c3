"""A quiet room for where there is no passthrough: backdrop, floor with a fine grid, and a shadow under the avatar.

Drawn by one full-screen triangle; every pixel's ray meets the floor analytically, so it costs the same at any distance.
Owns its program only. It goes *under* what the framebuffer already holds, so the avatar is drawn first, on transparent
ground, in linear light with premultiplied alpha.
"""

from __future__ import annotations

import math
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.view import View

_VERTEX: Final = """#version 430
out vec2 ndc;
void main() {
    ndc = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0;
    gl_Position = vec4(ndc, 0.0, 1.0);
}
"""

_FRAGMENT: Final = """#version 430
uniform vec3 eye;
uniform mat3 turn;          // eye axes to world axes
uniform vec4 tangents;      // left, right, up, down
uniform vec3 feet;          // where the avatar stands
in vec2 ndc;
out vec4 colour;

float lines(vec2 p, float spacing) {
    vec2 cell = abs(fract(p / spacing - 0.5) - 0.5) * spacing;
    vec2 wide = fwidth(p) + 0.004;
    vec2 near = 1.0 - smoothstep(vec2(0.0), wide, cell);
    return max(near.x, near.y);
}

void main() {
    vec2 t = mix(tangents.xw, tangents.yz, ndc * 0.5 + 0.5);
    vec3 ray = normalize(turn * vec3(t, -1.0));
    vec3 wall = mix(vec3(0.30, 0.31, 0.33), vec3(0.52, 0.55, 0.60), smoothstep(-0.1, 0.7, ray.y));
    if (ray.y < -1e-4) {
        float far = eye.y / -ray.y;
        vec2 p = (eye + ray * far).xz;
        vec2 d = (p - feet.xz) / vec2(0.34, 0.26);
        float shade = 1.0 - 0.55 * exp(-dot(d, d));
        vec3 ground = vec3(0.27, 0.25, 0.235) * shade + 0.05 * lines(p, 0.5);
        wall = mix(ground, vec3(0.30, 0.31, 0.33), smoothstep(2.0, 9.0, far));
    }
    colour = vec4(wall, 1.0);
}
"""


class Room:
    """The backdrop of one GL context."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = ctx.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        self._triangle = ctx.vertex_array(self._program, [])

    def draw(self, view: View, target: moderngl.Framebuffer, feet: NDArray[np.float64]) -> None:
        """Fill what is still transparent of `target`, seen by `view`; feet: (3,) the avatar's place, metres."""
        program = self._program
        left, right, up, down = view.fov
        program["eye"] = tuple(float(x) for x in view.pose[:3, 3])
        program["turn"] = tuple(float(x) for x in view.pose[:3, :3].T.ravel())
        program["tangents"] = tuple(math.tan(angle) for angle in (left, right, up, down))
        program["feet"] = tuple(float(x) for x in feet)
        target.use()
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE_MINUS_DST_ALPHA, moderngl.ONE
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Give the GL objects back."""
        self._triangle.release()
        self._program.release()
