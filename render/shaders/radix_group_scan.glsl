// Sums up the chunks of each digit, a workgroup a digit: how many items of it lie before each chunk, and in all.

layout(local_size_x = LOCAL) in;

#include "radix.glsl"
#include "group_scan.glsl"

layout(std430, binding = 0) buffer Tally { uint tally[]; };

void main() {
    uint digit = gl_WorkGroupID.x, lane = gl_LocalInvocationID.x;
    uint mine = (chunks + uint(LOCAL) - 1u) / uint(LOCAL);
    uint first = digit * chunks + min(lane * mine, chunks);
    uint end = digit * chunks + min((lane + 1u) * mine, chunks);
    uint sum = 0u;
    for (uint slot = first; slot < end; ++slot) sum += tally[slot];
    uint before = sum_before(lane, sum);
    for (uint slot = first; slot < end; ++slot) {
        uint here = tally[slot];
        tally[slot] = before;
        before += here;
    }
    if (lane == uint(LOCAL) - 1u) tally[256u * chunks + digit] = before;
}
