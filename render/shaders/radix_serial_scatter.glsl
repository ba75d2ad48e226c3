// Writes each item of a chunk to its place; an invocation walks a chunk in order.

layout(local_size_x = LOCAL) in;

#include "radix.glsl"

layout(std430, binding = 0) readonly buffer Tally { uint tally[]; };
layout(std430, binding = 1) readonly buffer Source { uint source[]; };
layout(std430, binding = 2) writeonly buffer Target { uint target[]; };

void main() {
    uint chunk = gl_GlobalInvocationID.x;
    uint places[256];
    uint smaller = 0u;
    for (uint digit = 0u; digit < 256u; ++digit) {
        places[digit] = smaller + tally[digit * chunks + chunk];
        smaller += tally[256u * chunks + digit];
    }
    uvec2 range = chunk_range(chunk);
    for (uint i = range.x; i < range.y; ++i) {
        uint value = source[i];
        uint digit = digit_of(value);
        uint to = places[digit];
        places[digit] = to + 1u;
        target[to] = moved(value, i);
    }
}
