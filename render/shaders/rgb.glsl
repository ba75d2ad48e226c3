// A network's linear light, packed as the rasterisers read it.

#include "pack_light.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Light { float light[]; };
layout(std430, binding = 1) writeonly buffer Colours { uint colours[]; };

uniform uint count;

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i < count) colours[i] = pack_light(vec3(light[i * 3u], light[i * 3u + 1u], light[i * 3u + 2u]));
}
