// Colour of one Gaussian seen from the head: spherical harmonics in the rest pose's axes (Kerbl et al. 2023).

#include "pack_light.glsl"
#if DEGREE > 0
#include "seen.glsl"
#endif

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer World { uvec4 world[]; };
layout(std430, binding = 1) readonly buffer Harmonics { uint harmonics[]; };   // halves: K reds, greens, blues in turn
layout(std430, binding = 2) writeonly buffer Colours { uint colours[]; };
#if LIGHT
layout(std430, binding = 3) readonly buffer Light0 { float light0[]; };        // linear, 3 a Gaussian, at two keys
layout(std430, binding = 4) readonly buffer Light1 { float light1[]; };
uniform float alpha;
#endif

uniform uint count;

const uint WORDS = uint(((DEGREE + 1) * (DEGREE + 1) * 3 + 1) / 2);

vec3 coefficient(uint i, uint k) {
    vec3 c;
    for (uint channel = 0u; channel < 3u; ++channel) {
        uint at = k * 3u + channel;
        vec2 pair = unpackHalf2x16(harmonics[i * WORDS + (at >> 1)]);
        c[channel] = (at & 1u) == 0u ? pair.x : pair.y;
    }
    return c;
}

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    vec3 c = 0.5 + 0.28209479177387814 * coefficient(i, 0u);
#if DEGREE > 0
    vec3 d = seen_along(uintBitsToFloat(world[i * 3u].xyz), world[i * 3u + 2u].zw);
    float x = d.x, y = d.y, z = d.z;
    const float A = 0.4886025119029199;
    c += -A * y * coefficient(i, 1u) + A * z * coefficient(i, 2u) - A * x * coefficient(i, 3u);
#endif
#if DEGREE > 1
    float xx = x * x, yy = y * y, zz = z * z;
    c += 1.0925484305920792 * x * y * coefficient(i, 4u);
    c += -1.0925484305920792 * y * z * coefficient(i, 5u);
    c += 0.31539156525252005 * (2.0 * zz - xx - yy) * coefficient(i, 6u);
    c += -1.0925484305920792 * x * z * coefficient(i, 7u);
    c += 0.5462742152960396 * (xx - yy) * coefficient(i, 8u);
#endif
#if DEGREE > 2
    c += -0.5900435899266435 * y * (3.0 * xx - yy) * coefficient(i, 9u);
    c += 2.890611442640554 * x * y * z * coefficient(i, 10u);
    c += -0.4570457994644658 * y * (4.0 * zz - xx - yy) * coefficient(i, 11u);
    c += 0.3731763325901154 * z * (2.0 * zz - 3.0 * xx - 3.0 * yy) * coefficient(i, 12u);
    c += -0.4570457994644658 * x * (4.0 * zz - xx - yy) * coefficient(i, 13u);
    c += 1.445305721320277 * z * (xx - yy) * coefficient(i, 14u);
    c += -0.5900435899266435 * x * (xx - 3.0 * yy) * coefficient(i, 15u);
#endif
#if LIGHT
    for (uint channel = 0u; channel < 3u; ++channel) {
        c[channel] += mix(light0[i * 3u + channel], light1[i * 3u + channel], alpha);
    }
#endif
    colours[i] = pack_light(c);
}
