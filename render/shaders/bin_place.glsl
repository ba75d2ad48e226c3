// Turns the tallies of the chunks into where each writes in a bin's list; four bins at a time.

#include "plan.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Plan { BinPlan plan; };
layout(std430, binding = 1) buffer Tally { uvec4 tally[]; };
layout(std430, binding = 2) readonly buffer Starts { uint starts[]; };

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= plan.bins / 4u) return;
    uint first = tally_slot(i * 4u, 0u, plan.chunks) / 4u;
    uvec4 next = uvec4(starts[i * 4u], starts[i * 4u + 1u], starts[i * 4u + 2u], starts[i * 4u + 3u]);
    for (uint k = 0u; k < plan.chunks; ++k) {
        uvec4 here = tally[first + k * 4u];
        tally[first + k * 4u] = next;
        next += here;
    }
}
