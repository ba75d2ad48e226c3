// The direction in which the head sees each Gaussian, as networks of colour read it.

#include "seen.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer World { uvec4 world[]; };
layout(std430, binding = 1) writeonly buffer Directions { float directions[]; };

uniform uint count;

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    vec3 d = seen_along(uintBitsToFloat(world[i * 3u].xyz), world[i * 3u + 2u].zw);
    directions[i * 3u] = d.x;
    directions[i * 3u + 1u] = d.y;
    directions[i * 3u + 2u] = d.z;
}
