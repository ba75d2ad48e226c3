// Sums up the chunks of each digit, an invocation a digit: how many items of it lie before each chunk, and in all.

layout(local_size_x = 8) in;

#include "radix.glsl"

layout(std430, binding = 0) buffer Tally { uint tally[]; };

void main() {
    uint digit = gl_GlobalInvocationID.x;
    uint before = 0u;
    for (uint slot = digit * chunks; slot < (digit + 1u) * chunks; ++slot) {
        uint here = tally[slot];
        tally[slot] = before;
        before += here;
    }
    tally[256u * chunks + digit] = before;
}
