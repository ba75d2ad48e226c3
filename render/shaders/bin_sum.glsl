// One tile: turns its chunks' tallies into where each chunk starts in the tile's list, and gives the list's length.

layout(local_size_x = 64) in;

layout(std430, binding = 0) buffer Tally { uvec4 tally[]; };
layout(std430, binding = 1) writeonly buffer Lengths { uint lengths[]; };

uniform uint tiles;

void main() {
    uint t = gl_GlobalInvocationID.x;
    if (t >= tiles) return;
    uint before = 0u;
    for (uint k = 0u; k < uint(CHUNKS / 4); ++k) {
        uvec4 here = tally[t * uint(CHUNKS / 4) + k];
        tally[t * uint(CHUNKS / 4) + k] = before + uvec4(0u, here.x, here.x + here.y, here.x + here.y + here.z);
        before += here.x + here.y + here.z + here.w;
    }
    lengths[t] = before;
}
