// Writes each chunk's splats into the bins' lists, each with the quarters of the bin that it touches.

#include "bins.glsl"

layout(std430, binding = 4) writeonly buffer Lists { uint lists[]; };   // splat of all eyes | quarters of the bin << 24

void visit(uint splat, uint slot, uvec2 bin, uvec4 box) {
    uint to = tally[slot];
    tally[slot] = to + 1u;
    uvec2 low = bin * 2u;
    uint quarters = 15u;
    if (plan.shift > 0u) {
        if (box.x > low.x) quarters &= 10u;
        if (box.z == low.x) quarters &= 5u;
        if (box.y > low.y) quarters &= 12u;
        if (box.w == low.y) quarters &= 3u;
    }
    lists[to] = splat | quarters << 24;
}

void main() {
    walk();
}
