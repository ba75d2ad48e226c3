// Chooses how large the bins are: the smallest size at which all pairs fit the lists, all tallies theirs, and no chunk of
// the splats takes too long to walk. If none does, one bin holds an eye's window and every splat is in it once, which
// fits. All eyes have bins of one size.

#include "plan.glsl"

layout(local_size_x = 256) in;

layout(std430, binding = 0) readonly buffer Need { uint need[]; };   // see bin_need.glsl
layout(std430, binding = 1) writeonly buffer Plan { BinPlan plan; };

uniform uint eyes;
uniform uint blocks;      // of each eye
uniform uint chunks;      // of each eye
uniform uvec2 window;     // tiles a row, rows: those of the largest
uniform uint tallies;     // that there is room for
uniform float pairs;      // that there is room for
uniform float longest;    // walk through one chunk, in steps

const uint WHOLE = 15u;   // shift of a bin that holds any window

shared float totals[256];
shared float walks[256];

uvec2 grid(uint shift) {
    return ((window - 1u) >> shift) + 1u;
}

uint bins_at(uint shift) {
    uvec2 bins = grid(shift);
    return (bins.x * bins.y + 15u) & ~15u;
}

void main() {
    uint lane = gl_LocalInvocationID.x;
    uint length = (blocks + chunks - 1u) / chunks;
    uint shift = 0u;
    for (; shift < uint(SIZES); ++shift) {
        float total = 0.0, walk = 0.0;
        for (uint chunk = lane; chunk < eyes * chunks; chunk += 256u) {
            float steps = 0.0;
            uint eye = chunk / chunks;
            uint first = min((chunk - eye * chunks) * length, blocks), end = min(first + length, blocks);
            for (uint k = first; k < end; ++k) steps += float(need[(shift * eyes + eye) * blocks + k]);
            total += steps;
            walk = max(walk, steps);
        }
        totals[lane] = total;
        walks[lane] = walk;
        barrier();
        total = 0.0;
        walk = 0.0;
        for (uint k = 0u; k < 256u; ++k) {
            total += totals[k];
            walk = max(walk, walks[k]);
        }
        barrier();
        if (total <= pairs && walk <= longest && eyes * bins_at(shift) * chunks <= tallies) break;
    }
    if (lane != 0u) return;
    shift = shift == uint(SIZES) ? WHOLE : shift;
    bool single = shift == 0u;
    plan.shift = shift;
    plan.columns = grid(shift).x;
    plan.bins = eyes * bins_at(shift);
    plan.chunks = chunks;
    plan.each = bins_at(shift);
    plan.single = uint[3](single ? window.x : 0u, window.y, eyes);
    plan.large = uint[3](single ? 0u : window.x, window.y, eyes);
}
