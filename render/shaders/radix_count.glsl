// How many items of each digit each chunk holds.

#include "radix.glsl"

void main() {
    uint chunk = gl_GlobalInvocationID.x;
    for (uint digit = 0u; digit < 256u; ++digit) tally[digit * uint(CHUNKS) + chunk] = 0u;
    uvec2 range = chunk_of(chunk);
    for (uint i = range.x; i < range.y; ++i) tally[digit_of(source[i]) * uint(CHUNKS) + chunk] += 1u;
}
