"""A quiet room for where there is no passthrough: backdrop, floor with a fine grid, and a shadow under the avatar.

Drawn by one full-screen triangle; every pixel's ray meets the floor analytically, so it costs the same at any distance.
Owns its programs only. It goes *under* what the framebuffer already holds, so the avatar is drawn first, on transparent
ground, in linear light with premultiplied alpha. Where depth is kept, the floor's goes in where nothing nearer
is; the backdrop is as far as depth goes.
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

_DEPTH: Final = """#version 430
uniform vec3 eye;
uniform mat3 turn;
uniform vec4 tangents;
uniform vec2 range;         // 1 / near, 1 / (1 / near - 1 / far)
in vec2 ndc;

void main() {
    vec3 ray = turn * vec3(mix(tangents.xw, tangents.yz, ndc * 0.5 + 0.5), -1.0);
    float nearness = max(ray.y / -eye.y, 0.0);   // one by the metres along -z
    gl_FragDepth = clamp((range.x - nearness) * range.y, 0.0, 1.0);
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

    def __init__(self, ctx: moderngl.Context, depth_range: tuple[float, float] | None = None) -> None:
        """depth_range: metres at which depth is 0 and 1, the first the nearer, where targets keep depth."""
        self._ctx = ctx
        self._program = ctx.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        self._programs = [self._program]
        if depth_range is not None:
            near, far = depth_range
            self._programs.append(ctx.program(vertex_shader=_VERTEX, fragment_shader=_DEPTH))
            self._programs[1]["range"] = 1 / near, 1 / (1 / near - 1 / far)
        self._triangles = [ctx.vertex_array(program, []) for program in self._programs]

    def draw(self, view: View, target: moderngl.Framebuffer, feet: NDArray[np.float64]) -> None:
        """Fill what is still transparent of `target`, seen by `view`; feet: (3,) the avatar's place, metres."""
        left, right, up, down = view.fov
        for program in self._programs:
            program["eye"] = tuple(float(x) for x in view.pose[:3, 3])
            program["turn"] = tuple(float(x) for x in view.pose[:3, :3].T.ravel())
            program["tangents"] = tuple(math.tan(angle) for angle in (left, right, up, down))
        self._program["feet"] = tuple(float(x) for x in feet)
        target.use()
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE_MINUS_DST_ALPHA, moderngl.ONE
        self._triangles[0].render(moderngl.TRIANGLES, vertices=3)
        if len(self._triangles) > 1:
            self._ctx.enable_only(moderngl.DEPTH_TEST)
            target.color_mask = False, False, False, False
            self._triangles[1].render(moderngl.TRIANGLES, vertices=3)
            target.color_mask = True, True, True, True
            self._ctx.enable_only(moderngl.BLEND)

    def release(self) -> None:
        """Give the GL objects back."""
        for triangle in self._triangles:
            triangle.release()
        for program in self._programs:
            program.release()
