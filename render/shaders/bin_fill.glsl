// Writes each chunk's splats into the tiles' lists.

#include "bins.glsl"

layout(std430, binding = 3) readonly buffer Starts { uint starts[]; };
layout(std430, binding = 4) writeonly buffer Lists { uint lists[]; };

void visit(uint splat, uint tile, uint chunk) {
    uint slot = tile * uint(CHUNKS) + chunk;
    uint to = tally[slot];
    tally[slot] = to + 1u;
    to += starts[tile];
    if (to < starts[tile + 1u]) lists[to] = splat;
}

void main() {
    walk();
}
