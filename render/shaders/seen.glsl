// The direction in which the head sees a Gaussian, turned back to the rest pose.

#include "quaternion.glsl"

uniform vec3 head;        // in the world
uniform vec4 unmodel[3];  // rows of world-to-avatar; the last column is not used

vec3 seen_along(vec3 place, uvec2 back) {
    vec3 away = place - head;
    vec3 in_avatar = vec3(dot(unmodel[0].xyz, away), dot(unmodel[1].xyz, away), dot(unmodel[2].xyz, away));
    return normalize(turn(unpack_quaternion(back), in_avatar));
}
