// The frame of one triangle, R = [n, q, n x q] and e = mean edge length (TaoAvatar, section 3.1), beside its corners.

#include "quaternion.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Deformed { vec4 deformed[]; };
layout(std430, binding = 1) readonly buffer Triangles { uint triangles[]; };
layout(std430, binding = 2) writeonly buffer Frames { vec4 frames[]; };   // v0 e, v1, v2, quaternion

uniform uint count;

void main() {
    uint f = gl_GlobalInvocationID.x;
    if (f >= count) return;
    vec3 v0 = deformed[triangles[f * 3u]].xyz;
    vec3 v1 = deformed[triangles[f * 3u + 1u]].xyz;
    vec3 v2 = deformed[triangles[f * 3u + 2u]].xyz;
    vec3 area = cross(v1 - v0, v2 - v0);
    vec3 toward = 0.5 * (v1 + v2) - v0;
    // A triangle that collapsed to a line or a point keeps some frame; its Gaussians are as small as it is.
    vec3 n = area * inversesqrt(max(dot(area, area), 1e-30));
    vec3 q = toward * inversesqrt(max(dot(toward, toward), 1e-30));
    float e = (distance(v0, v1) + distance(v1, v2) + distance(v2, v0)) / 3.0;
    vec4 rotation = dot(n, n) < 0.5 ? vec4(1.0, 0.0, 0.0, 0.0) : quaternion_of(mat3(n, q, cross(n, q)));
    frames[f * 4u] = vec4(v0, e);
    frames[f * 4u + 1u] = vec4(v1, 0.0);
    frames[f * 4u + 2u] = vec4(v2, 0.0);
    frames[f * 4u + 3u] = rotation;
}
