// How many splats each chunk puts into each bin.

#include "bins.glsl"

void visit(uint splat, uint slot, uvec2 bin, uvec4 box) {
    tally[slot] += 1u;
}

void main() {
    walk();
}
