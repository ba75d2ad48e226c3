// How a frame is binned (bin_plan.glsl writes it, every later pass reads it). Bins are squares of 2^shift tiles.

struct BinPlan {
    uint shift;
    uint columns;   // bins a row
    uint bins;      // of all eyes, one eye's after the other's
    uint chunks;    // into which the ordered splats of each eye are cut
    uint each;      // bins of an eye: a multiple of 16, so some at the end may be empty
    uint single[3];   // workgroups of tiles.glsl for bins of one tile: either these or the next are none
    uint large[3];
};

// Where a chunk's tally of a bin of its eye is: 16 bins beside each other, then the next chunk's, then the next 16 bins.
// One chunk finds neighbouring bins in one line of cache, and whoever sums over the chunks reads on.
uint tally_slot(uint bin, uint chunk, uint chunks) {
    return ((bin >> 4) * chunks + chunk) * 16u + (bin & 15u);
}
