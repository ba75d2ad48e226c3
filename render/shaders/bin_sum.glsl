// How many splats all chunks together put into a bin; four bins at a time.

#include "plan.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Plan { BinPlan plan; };
layout(std430, binding = 1) readonly buffer Tally { uvec4 tally[]; };
layout(std430, binding = 2) writeonly buffer Lengths { uvec4 lengths[]; };

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= plan.bins / 4u) return;
    uint first = tally_slot(i * 4u, 0u, plan.chunks) / 4u;
    uvec4 sum = uvec4(0u);
    for (uint k = 0u; k < plan.chunks; ++k) sum += tally[first + k * 4u];
    lengths[i] = sum;
}
