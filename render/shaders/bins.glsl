// What counting and filling the tiles' lists share: a walk over one chunk of the ordered splats and the tiles of each.
// Contiguous chunks, one invocation each with a counter of its own for every tile, keep each tile's list in
// front-to-back order without atomics. Both walks take the same steps, so where a driver ends a long loop (llvmpipe
// after 65,535 turns of one invocation) both lose the same, farthest splats of the chunk.

layout(local_size_x = 8) in;

layout(std430, binding = 0) readonly buffer Bounds { uvec2 bounds[]; };
layout(std430, binding = 1) readonly buffer Order { uint order[]; };
layout(std430, binding = 2) buffer Tally { uint tally[]; };   // [tile * chunks + chunk]

uniform uint count;
uniform uint chunks;
uniform uint columns;   // of the window

void visit(uint splat, uint tile, uint chunk);

void walk() {
    uint chunk = gl_GlobalInvocationID.x;
    uint length = (count + chunks - 1u) / chunks;
    uint end = min((chunk + 1u) * length, count);
    for (uint j = min(chunk * length, count); j < end; ++j) {
        uint splat = order[j];
        uvec2 b = bounds[splat];
        if (b.x > b.y) continue;
        uvec2 first = uvec2(b.x & 0xffffu, b.x >> 16);
        uvec2 last = uvec2(b.y & 0xffffu, b.y >> 16);
        uint width = last.x - first.x + 1u;
        uint tile = first.y * columns + first.x;
        uint row_end = tile + width;
        uint end_tile = last.y * columns + last.x;
        while (tile <= end_tile) {
            visit(splat, tile, chunk);
            ++tile;
            if (tile == row_end) {
                tile += columns - width;
                row_end += columns;
            }
        }
    }
}
