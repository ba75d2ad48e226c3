// How many items of each digit each chunk holds; a workgroup shares a chunk. The order in which they count is nobody's
// business here, so counters in shared memory may be added to by all.

layout(local_size_x = LOCAL) in;

#include "radix.glsl"
#include "radix_items.glsl"

layout(std430, binding = 0) writeonly buffer Tally { uint tally[]; };

shared uint counts[256];

void main() {
    uint chunk = gl_WorkGroupID.x, lane = gl_LocalInvocationID.x;
    for (uint digit = lane; digit < 256u; digit += uint(LOCAL)) counts[digit] = 0u;
    memoryBarrierShared();
    barrier();
    uvec2 range = chunk_range(chunk);
    for (uint i = range.x + lane; i < range.y; i += uint(LOCAL)) atomicAdd(counts[digit_of(item(i))], 1u);
    memoryBarrierShared();
    barrier();
    for (uint digit = lane; digit < 256u; digit += uint(LOCAL)) tally[digit * chunks + chunk] = counts[digit];
}
