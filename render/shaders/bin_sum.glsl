// How many splats all chunks together put into a tile.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Tally { uvec4 tally[]; };
layout(std430, binding = 1) writeonly buffer Lengths { uint lengths[]; };

uniform uint tiles;
uniform uint chunks;

void main() {
    uint t = gl_GlobalInvocationID.x;
    if (t >= tiles) return;
    uvec4 sum = uvec4(0u);
    for (uint k = 0u; k < chunks / 4u; ++k) sum += tally[t * (chunks / 4u) + k];
    lengths[t] = sum.x + sum.y + sum.z + sum.w;
}
