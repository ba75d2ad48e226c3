// Where each tile's list starts. If all lists together do not fit, each is cut by the same share: the farthest splats
// of the fullest tiles go first, which are the ones most likely hidden.

layout(local_size_x = 256) in;

layout(std430, binding = 0) readonly buffer Lengths { uint lengths[]; };
layout(std430, binding = 1) writeonly buffer Starts { uint starts[]; };   // tiles + 1, then the uncut total

uniform uint tiles;
uniform uint capacity;

shared uint sums[256];

uint total() {
    uint sum = 0u;
    for (uint k = 0u; k < 256u; ++k) sum += sums[k];
    return sum;
}

void main() {
    uint lane = gl_LocalInvocationID.x;
    uint block = (tiles + 255u) / 256u;
    uint first = min(lane * block, tiles), last = min(first + block, tiles);
    uint sum = 0u;
    for (uint t = first; t < last; ++t) sum += lengths[t];
    sums[lane] = sum;
    barrier();
    uint wanted = total();
    float share = wanted > capacity ? float(capacity) / float(wanted) * 0.999 : 1.0;
    barrier();
    if (share < 1.0) {
        sum = 0u;
        for (uint t = first; t < last; ++t) sum += uint(float(lengths[t]) * share);
        sums[lane] = sum;
    }
    barrier();
    uint before = 0u;
    for (uint k = 0u; k < lane; ++k) before += sums[k];
    for (uint t = first; t < last; ++t) {
        starts[t] = before;
        before += share < 1.0 ? uint(float(lengths[t]) * share) : lengths[t];
    }
    if (lane == 255u) {
        starts[tiles] = before;
        starts[tiles + 1u] = wanted;
    }
}
