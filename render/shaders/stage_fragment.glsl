// A stage: a floor with a pool of light, and a horizon so soft that there is none.

#include "dither.glsl"

uniform vec3 eye;             // metres, the floor at y = 0
uniform mat3 turn;            // eye axes to world axes
uniform vec4 tangents;        // left, right, up, down
uniform vec2 size;            // of the target, pixels
uniform vec2 centre;          // of the pool, x and z
uniform float reach;          // of the shadow's map
uniform highp sampler2D reaching;
uniform float density;
uniform vec3 floor_light;     // what the floor sends back in the middle of the pool, linear
uniform vec3 horizon;         // linear light there, and straight up
uniform vec3 zenith;

layout(location = 0) out vec4 colour;

// Lines half a metre apart and 8 mm wide, averaged over the pixel as far as a parabola can.
float lines(vec2 place, vec2 wide) {
    vec2 off = abs(fract(2.0 * place) - 0.5);   // 0.5 on a line
    vec2 w = 2.0 * wide + 0.016;
    vec2 on = clamp(1.0 - (0.5 - off) / w, 0.0, 1.0) * min(0.016 / w, 1.0);
    return max(on.x, on.y);
}

void main() {
    vec3 ray = turn * vec3(mix(tangents.xw, tangents.yz, gl_FragCoord.xy / size), -1.0);
    float rise = ray.y * inversesqrt(dot(ray, ray));
    vec3 light = mix(horizon, zenith, smoothstep(0.0, 1.0, rise));
    float metres = eye.y / max(-ray.y, 1e-6);
    vec2 place = eye.xz + metres * ray.xz;
    vec2 wide = fwidth(place);
    if (ray.y < 0.0 && eye.y > 0.0) {
        vec2 off = place - centre;
        float away = dot(off, off), haze = exp(-0.04 * away), pool = haze * haze;
        float share = (0.62 + 0.38 * pool * pool) * (1.0 + 0.12 * lines(place, wide));
        if (away < reach * reach) {
            share *= 1.0 - density * (1.0 - textureLod(reaching, 0.5 + 0.5 * off / reach, 0.0).r);
        }
        light = mix(horizon, share * floor_light, haze);
    }
    colour = vec4(dithered(light), 1.0);
}
