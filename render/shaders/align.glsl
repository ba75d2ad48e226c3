// One Gaussian at one key: its triangle's frame gives it place, rotation and size in avatar space.

#include "quaternion.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Frames { vec4 frames[]; };
layout(std430, binding = 1) readonly buffer Bindings { uvec4 bindings[]; };   // triangle u v x | y z rotation
layout(std430, binding = 2) writeonly buffer Places { vec4 places[]; };       // position, e
layout(std430, binding = 3) writeonly buffer Turns { uvec2 turns[]; };        // packed quaternion
#if OFFSETS
layout(std430, binding = 4) readonly buffer Offsets { float offsets[]; };     // 3 a Gaussian
#endif

uniform uint count;

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    uvec4 a = bindings[i * 2u];
    uvec4 b = bindings[i * 2u + 1u];
    vec4 v0 = frames[a.x * 4u];
    vec3 v1 = frames[a.x * 4u + 1u].xyz;
    vec3 v2 = frames[a.x * 4u + 2u].xyz;
    vec4 rotation = frames[a.x * 4u + 3u];
    vec2 uv = uintBitsToFloat(a.yz);
    vec3 offset = vec3(uintBitsToFloat(a.w), uintBitsToFloat(b.xy));
#if OFFSETS
    offset += vec3(offsets[i * 3u], offsets[i * 3u + 1u], offsets[i * 3u + 2u]);
#endif
    vec3 on_triangle = v2 + uv.x * (v0.xyz - v2) + uv.y * (v1 - v2);
    places[i] = vec4(on_triangle + v0.w * turn(rotation, offset), v0.w);
    turns[i] = pack_quaternion(normalize(multiply(rotation, unpack_quaternion(b.zw))));
}
