// How many splats of each block are in sight.

#include "quads_walk.glsl"

uint seen = 0u;

void visit(uint splat, uvec2 box) {
    ++seen;
}

void main() {
    walk();
    if (has_block()) tally[block_of_all()] = seen;
}
