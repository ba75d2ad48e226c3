// Blend shapes of the Gaussians: for each, the weighted sum of its offsets, two shapes at a time.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Weights { float weights[]; };
layout(std430, binding = 1) readonly buffer Basis { uint basis[]; };   // halves: x y z, x y z of each two shapes in turn
layout(std430, binding = 2) writeonly buffer Sums { float sums[]; };
layout(std430, binding = 3) readonly buffer Moving { uint moving[]; }; // of each 64 Gaussians: a bit for each two shapes

uniform uint count;
uniform uint total;

const uint PAIRS = uint((SHAPES + 1) / 2);
const uint MASKS = (PAIRS + 31u) / 32u;

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    vec3 sum = vec3(0.0);
    for (uint k = 0u; k < PAIRS; ++k) {
        if ((moving[(i / 64u) * MASKS + (k >> 5)] >> (k & 31u) & 1u) == 0u) continue;
        vec2 w = vec2(weights[2u * k], 2u * k + 1u < uint(SHAPES) ? weights[2u * k + 1u] : 0.0);
        if (w == vec2(0.0)) continue;
        uint at = (k * total + i) * 3u;
        vec2 a = unpackHalf2x16(basis[at]), b = unpackHalf2x16(basis[at + 1u]), c = unpackHalf2x16(basis[at + 2u]);
        sum += w.x * vec3(a, b.x) + w.y * vec3(b.y, c);
    }
    sums[i * 3u] = sum.x;
    sums[i * 3u + 1u] = sum.y;
    sums[i * 3u + 2u] = sum.z;
}
