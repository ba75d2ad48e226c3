// How many items of each digit each chunk holds; an invocation walks a chunk.
// Counters of an invocation's own are the fastest memory of a software GPU, by half.

layout(local_size_x = LOCAL) in;

#include "radix.glsl"
#include "radix_items.glsl"

layout(std430, binding = 0) writeonly buffer Tally { uint tally[]; };

void main() {
    uint chunk = gl_GlobalInvocationID.x;
    uint counts[256];
    for (uint digit = 0u; digit < 256u; ++digit) counts[digit] = 0u;
    uvec2 range = chunk_range(chunk);
    for (uint i = range.x; i < range.y; ++i) counts[digit_of(item(i))] += 1u;
    for (uint digit = 0u; digit < 256u; ++digit) tally[digit * chunks + chunk] = counts[digit];
}
