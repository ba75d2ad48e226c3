// Puts the bounds in order, so that later passes read them as they come; and tells how many steps the walk (bins.glsl)
// through each block of splats takes, at every size of bins but the last: one for each bin that a splat touches, and one
// for a splat out of sight.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Bounds { uvec2 bounds[]; };   // [eye * count + splat]
layout(std430, binding = 1) readonly buffer Order { uint order[]; };
layout(std430, binding = 2) writeonly buffer Boxes { uvec2 boxes[]; };   // bounds in order, [eye * count + place]
layout(std430, binding = 3) writeonly buffer Need { uint need[]; };      // [(size * eyes + eye) * blocks + block]

uniform uint count;
uniform uint blocks;

void main() {
    uint block = gl_GlobalInvocationID.x, eye = gl_GlobalInvocationID.y, eyes = gl_NumWorkGroups.y;
    if (block >= blocks) return;
    uint steps[SIZES];
    for (int s = 0; s < SIZES; ++s) steps[s] = 0u;
    uint end = min((block + 1u) * uint(BLOCK), count);
    for (uint j = block * uint(BLOCK); j < end; ++j) {
        uvec2 b = bounds[eye * count + order[j]];
        boxes[eye * count + j] = b;
        uvec4 box = b.x > b.y ? uvec4(0u) : uvec4(b.x & 0xffffu, b.x >> 16, b.y & 0xffffu, b.y >> 16);
        for (int s = 0; s < SIZES; ++s) {
            uvec2 bins = (box.zw >> s) - (box.xy >> s) + 1u;
            steps[s] += bins.x * bins.y;
        }
    }
    for (int s = 0; s < SIZES; ++s) need[(uint(s) * eyes + eye) * blocks + block] = steps[s];
}
