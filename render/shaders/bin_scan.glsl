// Where each bin's list starts, and behind the last bin where its list ends.

#include "plan.glsl"

layout(local_size_x = 256) in;

layout(std430, binding = 0) readonly buffer Plan { BinPlan plan; };
layout(std430, binding = 1) readonly buffer Lengths { uint lengths[]; };
layout(std430, binding = 2) writeonly buffer Starts { uint starts[]; };   // bins + 1

shared uint sums[256];

void main() {
    uint lane = gl_LocalInvocationID.x;
    uint bins = plan.bins;
    uint block = (bins + 255u) / 256u;
    uint first = min(lane * block, bins), last = min(first + block, bins);
    uint sum = 0u;
    for (uint t = first; t < last; ++t) sum += lengths[t];
    sums[lane] = sum;
    barrier();
    uint before = 0u;
    for (uint k = 0u; k < lane; ++k) before += sums[k];
    for (uint t = first; t < last; ++t) {
        starts[t] = before;
        before += lengths[t];
    }
    if (lane == 255u) starts[bins] = before;
}
