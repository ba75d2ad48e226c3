// What counting and filling the bins' lists share: a walk over one chunk of an eye's ordered splats and the bins of each.
// Contiguous chunks, one invocation each with a counter of its own for every bin, keep each bin's list in front-to-back
// order without atomics. One flat loop, so that invocations that run side by side need not wait for the largest splat
// among theirs, and so that its turns are those that bin_need.glsl foretold: some drivers end a loop after 65,535.

#include "plan.glsl"

layout(local_size_x = 8) in;

layout(std430, binding = 0) readonly buffer Boxes { uvec2 boxes[]; };   // see bin_need.glsl
layout(std430, binding = 1) readonly buffer Order { uint order[]; };
layout(std430, binding = 2) readonly buffer Plan { BinPlan plan; };
layout(std430, binding = 3) buffer Tally { uint tally[]; };             // see tally_slot

uniform uint count;

// `splat` is one of all eyes'. `box` is the splat's first and last part: tiles, or quarters of larger bins.
void visit(uint splat, uint slot, uvec2 bin, uvec4 box);

void walk() {
    uint chunk = gl_GlobalInvocationID.x, eye = gl_GlobalInvocationID.y;
    uint blocks = (count + uint(BLOCK) - 1u) / uint(BLOCK);
    uint length = (blocks + plan.chunks - 1u) / plan.chunks * uint(BLOCK);
    uint j = min(chunk * length, count), end = min(j + length, count);
    uint columns = plan.columns, chunks = plan.chunks, first_bin = eye * plan.each, first = eye * count;
    uint part = max(plan.shift, 1u) - 1u, whole = min(plan.shift, 1u);
    uint splat = 0u;
    uvec4 box = uvec4(0u), bins = uvec4(0u);
    uvec2 bin = uvec2(0u, 1u);   // past the last of `bins`
    while (j < end || bin.y <= bins.w) {
        bool seen = true;
        if (bin.y > bins.w) {
            splat = first + order[j];
            uvec2 b = boxes[first + j++];
            seen = b.x <= b.y;
            box = uvec4(b.x & 0xffffu, b.x >> 16, b.y & 0xffffu, b.y >> 16) >> part;
            bins = box >> whole;
            bin = bins.xy;
        }
        if (seen) visit(splat, tally_slot(first_bin + bin.y * columns + bin.x, chunk, chunks), bin, box);
        ++bin.x;
        if (!seen || bin.x > bins.z) bin = uvec2(bins.x, seen ? bin.y + 1u : bins.w + 1u);
    }
}
