// One vertex of the template mesh at one key: expression blend shapes, then linear blend skinning.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Rest { vec4 rest[]; };
layout(std430, binding = 1) readonly buffer SkinJoints { uvec2 skin_joints[]; };   // four 16-bit indices
layout(std430, binding = 2) readonly buffer SkinWeights { vec4 skin_weights[]; };
layout(std430, binding = 3) readonly buffer ShapeFirst { uint shape_first[]; };    // vertex -> its first offset
layout(std430, binding = 4) readonly buffer ShapeOffsets { uvec2 shape_offsets[]; };  // 3 halves and the shape's number
layout(std430, binding = 5) readonly buffer Joints { vec4 joints[]; };             // 3 rows a matrix
layout(std430, binding = 6) readonly buffer Expression { float expression[]; };
layout(std430, binding = 7) writeonly buffer Deformed { vec4 deformed[]; };
#if OFFSETS
layout(std430, binding = 8) readonly buffer Offsets { float offsets[]; };          // 3 a vertex, metres
#endif

uniform uint vertices;

vec3 moved(uint joint, vec4 p) {
    return vec3(dot(joints[joint * 3u], p), dot(joints[joint * 3u + 1u], p), dot(joints[joint * 3u + 2u], p));
}

void main() {
    uint v = gl_GlobalInvocationID.x;
    if (v >= vertices) return;
    vec4 p = vec4(rest[v].xyz, 1.0);
    uint last = shape_first[v + 1u];
    for (uint k = shape_first[v]; k < last; ++k) {
        uvec2 packed_offset = shape_offsets[k];
        vec2 z = unpackHalf2x16(packed_offset.y & 0xffffu);
        p.xyz += expression[packed_offset.y >> 16] * vec3(unpackHalf2x16(packed_offset.x), z.x);
    }
#if OFFSETS
    p.xyz += vec3(offsets[v * 3u], offsets[v * 3u + 1u], offsets[v * 3u + 2u]);
#endif
    uvec2 j = skin_joints[v];
    vec4 w = skin_weights[v];
    vec3 q = w.x * moved(j.x & 0xffffu, p) + w.y * moved(j.x >> 16, p);
    q += w.z * moved(j.y & 0xffffu, p) + w.w * moved(j.y >> 16, p);
    deformed[v] = vec4(q, 1.0);
}
