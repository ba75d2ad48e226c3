// Zeroes the tallies, four at a time.

#include "plan.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Plan { BinPlan plan; };
layout(std430, binding = 1) writeonly buffer Tally { uvec4 tally[]; };

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i < plan.bins / 4u * plan.chunks) tally[i] = uvec4(0u);
}
