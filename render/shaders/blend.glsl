// Blend shapes of the Gaussians: for each, the weighted sum of its offsets.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Weights { float weights[]; };
layout(std430, binding = 1) readonly buffer Basis { uint basis[]; };   // halves: x y z of each shape in turn
layout(std430, binding = 2) writeonly buffer Sums { float sums[]; };

uniform uint count;

const uint WORDS = uint((SHAPES * 3 + 1) / 2);

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    vec3 sum = vec3(0.0);
    for (uint k = 0u; k < uint(SHAPES); ++k) {
        uint at = i * WORDS + (k * 3u >> 1);
        vec2 a = unpackHalf2x16(basis[at]), b = unpackHalf2x16(basis[at + 1u]);
        sum += weights[k] * ((k & 1u) == 0u ? vec3(a, b.x) : vec3(a.y, b));
    }
    sums[i * 3u] = sum.x;
    sums[i * 3u + 1u] = sum.y;
    sums[i * 3u + 2u] = sum.z;
}
