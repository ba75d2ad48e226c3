// Writes each chunk's splats into the tiles' lists.

#include "bins.glsl"

layout(std430, binding = 3) writeonly buffer Lists { uint lists[]; };

uniform uint capacity;

void visit(uint splat, uint tile, uint chunk) {
    uint slot = tile * chunks + chunk;
    uint to = tally[slot];
    tally[slot] = to + 1u;
    if (to < capacity) lists[to] = splat;
}

void main() {
    walk();
}
