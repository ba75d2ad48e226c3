// One tile: turns its chunks' tallies into where each chunk writes in the lists. In a list that was cut, chunks that no
// longer fit, which are the farthest, are sent beyond the lists' end, where nothing is written.

layout(local_size_x = 64) in;

layout(std430, binding = 0) buffer Tally { uint tally[]; };
layout(std430, binding = 1) readonly buffer Starts { uint starts[]; };
layout(std430, binding = 2) writeonly buffer Ranges { uvec2 ranges[]; };   // first and end of each tile's list

uniform uint tiles;
uniform uint chunks;

const uint NOWHERE = 0x80000000u;

void main() {
    uint t = gl_GlobalInvocationID.x;
    if (t >= tiles) return;
    uint start = starts[t], room = starts[t + 1u];
    uint next = start, end = start;
    for (uint k = 0u; k < chunks; ++k) {
        uint slot = t * chunks + k;
        uint first = next;
        next += tally[slot];
        bool fits = next <= room;
        tally[slot] = fits ? first : NOWHERE;
        end = fits ? next : end;
    }
    ranges[t] = uvec2(start, end);
}
