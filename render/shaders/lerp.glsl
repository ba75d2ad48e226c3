// One Gaussian between two keys: position and covariance in the world, and the turn back to the rest pose.

#include "quaternion.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Places0 { vec4 places0[]; };
layout(std430, binding = 1) readonly buffer Places1 { vec4 places1[]; };
layout(std430, binding = 2) readonly buffer Turns0 { uvec2 turns0[]; };
layout(std430, binding = 3) readonly buffer Turns1 { uvec2 turns1[]; };
layout(std430, binding = 4) readonly buffer RestTurns { uvec2 rest_turns[]; };
layout(std430, binding = 5) readonly buffer Shapes { vec4 shapes[]; };        // scale, log2 of opacity
layout(std430, binding = 6) writeonly buffer World { uvec4 world[]; };        // see world.glsl

uniform uint count;
uniform float alpha;
uniform float widening;
uniform vec4 model[3];   // rows of avatar-to-world

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    vec4 place = mix(places0[i], places1[i], alpha);
    vec4 q0 = unpack_quaternion(turns0[i]);
    vec4 q1 = unpack_quaternion(turns1[i]);
    vec4 q = normalize(mix(q0, dot(q0, q1) < 0.0 ? -q1 : q1, alpha));
    vec4 shape = shapes[i];
    mat3 linear = transpose(mat3(model[0].xyz, model[1].xyz, model[2].xyz));
    mat3 m = linear * matrix_of(q);
    vec3 deviations = widening * place.w * shape.xyz;
    m[0] *= deviations.x;
    m[1] *= deviations.y;
    m[2] *= deviations.z;
    mat3 covariance = m * transpose(m);
    vec4 p = vec4(place.xyz, 1.0);
    vec4 position = vec4(dot(model[0], p), dot(model[1], p), dot(model[2], p), shape.w);
    uvec2 back = pack_quaternion(multiply(unpack_quaternion(rest_turns[i]), conjugate(q)));
    world[i * 3u] = floatBitsToUint(position);
    world[i * 3u + 1u] = floatBitsToUint(vec4(covariance[0], covariance[1][1]));
    world[i * 3u + 2u] = uvec4(floatBitsToUint(vec2(covariance[2][1], covariance[2][2])), back);
}
