// What counting and placing the quads share: a walk along one block of the ordered splats, past those out of sight.
// One invocation a block keeps the order without atomics.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Bounds { uvec2 bounds[]; };
layout(std430, binding = 1) readonly buffer Order { uint order[]; };
layout(std430, binding = 2) buffer Tally { uint tally[]; };   // a block

uniform uint count;

void visit(uint splat, uvec2 box);

void walk() {
    uint first = gl_GlobalInvocationID.x * uint(BLOCK);
    uint end = min(first + uint(BLOCK), count);
    for (uint j = first; j < end; ++j) {
        uint splat = order[j];
        uvec2 box = bounds[splat];
        if (box.x <= box.y) visit(splat, box);
    }
}
