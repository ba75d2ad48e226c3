"""What the cameras of an emulated headset see of its room: drawn beneath pictures that leave it uncovered."""

from __future__ import annotations

from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import shader_head
from render.view import View
from xr_app.emulated.room import Room

F64 = NDArray[np.float64]

_CORNERS: Final = """
void main() {
    gl_Position = vec4(float((gl_VertexID & 1) * 4 - 1), float((gl_VertexID & 2) * 2 - 1), 0.0, 1.0);
}
"""

_ROOM: Final = """
uniform vec3 eye;               // in the room, metres
uniform mat3 turn;              // eye axes to the room's
uniform vec4 tangents;          // left, right, up, down
uniform vec2 size;              // of the target, pixels
uniform vec3 low;               // inner corners of the room
uniform vec3 high;
uniform vec3 lows[BLOCKS];      // of what stands in it
uniform vec3 highs[BLOCKS];
uniform vec3 colours[BLOCKS];
out vec4 colour;

float hash(float n) { return fract(sin(n * 12.9898) * 43758.5453); }

bool within(vec2 p, vec2 a, vec2 b) { return all(greaterThan(p, a)) && all(lessThan(p, b)); }

// Planks along z, 14 cm wide and 1.1 m long, each of its own wood, with dark joints.
vec3 planks(vec2 p) {
    float row = floor(p.x / 0.14), along = p.y / 1.1 + hash(row);
    float wood = hash(row * 7.0 + floor(along) * 3.0);
    vec2 off = vec2(fract(p.x / 0.14) * 0.14, fract(along) * 1.1);
    float joint = min(min(off.x, 0.14 - off.x), min(off.y, 1.1 - off.y));
    return mix(vec3(0.30, 0.19, 0.10), vec3(0.42, 0.28, 0.16), wood) * mix(0.6, 1.0, smoothstep(0.0, 0.004, joint));
}

// The wall behind the avatar has a window to the garden and a picture.
vec3 wall(vec3 p, out float shines) {
    shines = 0.0;
    if (p.z > low.z + 0.001) return vec3(0.56, 0.53, 0.48);
    if (within(p.xy, vec2(1.05, 0.90), vec2(2.15, 2.15))) {
        vec2 bar = abs(p.xy - vec2(1.60, 1.52));
        if (min(bar.x, bar.y) < 0.02 || !within(p.xy, vec2(1.10, 0.95), vec2(2.10, 2.10))) return vec3(0.75);
        shines = 1.0;
        return p.y < 1.3 + 0.05 * sin(9.0 * p.x) ? vec3(0.16, 0.30, 0.10)
            : mix(vec3(0.75, 0.85, 0.95), vec3(0.42, 0.62, 0.90), p.y - 1.3);
    }
    if (within(p.xy, vec2(-0.95, 1.35), vec2(-0.35, 1.85))) {
        if (!within(p.xy, vec2(-0.92, 1.38), vec2(-0.38, 1.82))) return vec3(0.06, 0.05, 0.04);
        return p.y < 1.55 + 0.08 * sin(6.0 * p.x) ? vec3(0.50, 0.22, 0.10) : vec3(0.70, 0.55, 0.30);
    }
    return vec3(0.56, 0.53, 0.48);
}

vec3 seen(vec3 ray) {
    vec3 inverse = 1.0 / ray;
    vec3 leaving = max((low - eye) * inverse, (high - eye) * inverse);
    float metres = min(leaving.x, min(leaving.y, leaving.z)), shines = 0.0;
    vec3 normal = -sign(ray) * vec3(equal(leaving, vec3(metres)));
    vec3 p = eye + metres * ray;
    vec3 albedo = normal.y > 0.5 ? planks(p.xz) : normal.y < -0.5 ? vec3(0.72) : wall(p, shines);
    for (int i = 0; i < BLOCKS; i++) {
        vec3 a = (lows[i] - eye) * inverse, b = (highs[i] - eye) * inverse;
        vec3 near = min(a, b), far = max(a, b);
        float enters = max(near.x, max(near.y, near.z));
        if (enters > 0.0 && enters < metres && enters < min(far.x, min(far.y, far.z))) {
            metres = enters;
            normal = -sign(ray) * vec3(equal(near, vec3(enters)));
            albedo = colours[i];
            shines = 0.0;
            p = eye + metres * ray;
        }
    }
    // Daylight from the window's side, and corners that get less of it.
    vec3 off = min(p - low, high - p) + 10.0 * abs(normal);
    vec3 corner = 1.0 - 0.45 * exp(-max(off, 0.0) / 0.22);
    float light = 0.62 + 0.30 * max(dot(normal, vec3(0.62, 0.70, 0.35)), 0.0);
    float shade = corner.x * corner.y * corner.z;
    if (normal.y > 0.5) {
        // Less reaches the floor under what stands above it.
        for (int i = 0; i < BLOCKS; i++) {
            vec2 gap = max(max(lows[i].xz - p.xz, p.xz - highs[i].xz), 0.0);
            if (lows[i].y > p.y) shade *= 1.0 - 0.55 * exp(-length(gap) / 0.12);
            else if (highs[i].y > p.y + 0.02) shade *= 1.0 - 0.4 * exp(-length(gap) / 0.05);
        }
    }
    return shines > 0.0 ? albedo : 0.75 * albedo * light * shade;
}

void main() {
    vec3 sum = vec3(0.0);
    for (int i = 0; i < 4; i++) {
        vec2 place = gl_FragCoord.xy + 0.5 * vec2(float(i & 1), float(i >> 1)) - 0.25;
        sum += seen(turn * vec3(mix(tangents.xw, tangents.yz, place / size), -1.0));
    }
    colour = vec4(0.25 * sum, 1.0);
}
"""


class CameraPicture:
    """Of one room, in one GL context."""

    def __init__(self, ctx: moderngl.Context, room: Room) -> None:
        blocks = room.blocks
        self._ctx, head = ctx, shader_head(ctx)
        self._program = ctx.program(
            vertex_shader=head + _CORNERS, fragment_shader=f"{head}#define BLOCKS {len(blocks)}\n{_ROOM}"
        )
        self._triangle = ctx.vertex_array(self._program, [])
        self._program["low"], self._program["high"] = room.low, room.high
        self._program["lows"] = [block.low for block in blocks]
        self._program["highs"] = [block.high for block in blocks]
        self._program["colours"] = [block.colour for block in blocks]

    def draw(self, view: View, target: moderngl.Framebuffer, origin: F64) -> None:
        """Fill what is still transparent of `target` (linear light, premultiplied), seen by `view`; origin: (4, 4) pose
        of the room's own origin in the space that the view is in."""
        pose = np.linalg.inv(origin) @ view.pose
        self._program["eye"] = tuple(pose[:3, 3].tolist())
        self._program["turn"] = tuple(pose[:3, :3].T.ravel().tolist())
        self._program["tangents"] = view.tangents
        self._program["size"] = tuple(target.size)
        target.use()
        self._ctx.enable_only(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE_MINUS_DST_ALPHA, moderngl.ONE
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Give the GL objects back."""
        self._triangle.release()
        self._program.release()
