// Writes each item of a chunk to its place.

#include "radix.glsl"

layout(std430, binding = 2) writeonly buffer Target { uint target[]; };

void main() {
    uint chunk = gl_GlobalInvocationID.x;
    uvec2 range = chunk_of(chunk);
    for (uint i = range.x; i < range.y; ++i) {
        uint value = source[i];
        uint slot = digit_of(value) * uint(CHUNKS) + chunk;
        uint to = tally[slot];
        tally[slot] = to + 1u;
#if PASS == 0
        target[to] = (value >> 8) << 24 | i;
#else
        target[to] = value & 0xffffffu;
#endif
    }
}
