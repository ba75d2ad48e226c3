// What counting and placing the quads share: a walk along one block of an eye's ordered splats, past those out of
// sight. One invocation a block keeps the order without atomics.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Bounds { uvec2 bounds[]; };   // [eye * count + splat]
layout(std430, binding = 1) readonly buffer Order { uint order[]; };
layout(std430, binding = 2) buffer Tally { uint tally[]; };   // a block of each eye

uniform uint count;

bool has_block() {
    return gl_GlobalInvocationID.x * uint(BLOCK) < count;
}

// Where the tally of this block is.
uint block_of_all() {
    uint blocks = (count + uint(BLOCK) - 1u) / uint(BLOCK);
    return gl_GlobalInvocationID.y * blocks + gl_GlobalInvocationID.x;
}

// `splat` is one of all eyes'.
void visit(uint splat, uvec2 box);

void walk() {
    uint first_splat = gl_GlobalInvocationID.y * count;
    uint first = gl_GlobalInvocationID.x * uint(BLOCK);
    uint end = min(first + uint(BLOCK), count);
    for (uint j = first; j < end; ++j) {
        uint splat = first_splat + order[j];
        uvec2 box = bounds[splat];
        if (box.x <= box.y) visit(splat, box);
    }
}
