// How many splats each chunk puts into each tile.

#include "bins.glsl"

void visit(uint splat, uint tile, uint chunk) {
    tally[tile * chunks + chunk] += 1u;
}

void main() {
    walk();
}
