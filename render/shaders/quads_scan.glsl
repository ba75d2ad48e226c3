// Where the quads of each block end, and the draw of all of an eye. Blocks come nearest first, quads farthest first, so
// each block ends where the blocks behind it, which come later, leave off.

layout(local_size_x = 256) in;

layout(std430, binding = 0) buffer Tally { uint tally[]; };
layout(std430, binding = 1) writeonly buffer Command { uint command[]; };   // vertices, instances, first of each, none

uniform uint blocks;

shared uint sums[256];

void main() {
    uint lane = gl_LocalInvocationID.x;
    uint length = (blocks + 255u) / 256u;
    uint eye = gl_WorkGroupID.x, start = eye * blocks;
    uint first = start + min(lane * length, blocks), last = start + min((lane + 1u) * length, blocks);
    uint sum = 0u;
    for (uint k = first; k < last; ++k) sum += tally[k];
    sums[lane] = sum;
    barrier();
    uint left = 0u;
    for (uint k = lane; k < 256u; ++k) left += sums[k];
    for (uint k = first; k < last; ++k) {
        uint here = tally[k];
        tally[k] = left;
        left -= here;
    }
    if (lane == 0u) {
        uint all_quads = 0u;
        for (uint k = 0u; k < 256u; ++k) all_quads += sums[k];
        command[eye * 5u] = 4u;
        command[eye * 5u + 1u] = all_quads;
        command[eye * 5u + 2u] = 0u;
        command[eye * 5u + 3u] = 0u;
    }
}
