// A stroke from one point to another: a rectangle around it that is turned to the eye.

layout(location = 0) in vec4 first;           // metres in the world, and the radius there
layout(location = 1) in vec4 last;
layout(location = 2) in vec4 first_colour;    // linear light, opacity
layout(location = 3) in vec4 last_colour;
layout(location = 4) in vec3 look;            // share of the radius that is rim; how round it is; share it rises in

uniform mat4 clip;            // world to clip space
uniform vec3 eye;
uniform float pixel;          // metres that a pixel is wide, a metre away

out vec3 at;                  // in the world
out vec2 place;               // metres along the stroke as it is seen, and across it
flat out vec3 shape;          // its length as it is seen, and both radii
flat out vec4 colours[2];
flat out vec3 style;

void main() {
    vec3 axis = last.xyz - first.xyz;
    vec3 to_first = first.xyz - eye, to_last = last.xyz - eye;
    float near = max(length(to_first), 1e-4), far = max(length(to_last), 1e-4);
    to_first /= near;
    to_last /= far;
    vec3 middle = normalize(to_first + to_last + vec3(0.0, 0.0, 1e-9));
    // At right angles to the stroke and to every way from the eye to it.
    vec3 across = cross(axis, middle);
    if (dot(across, across) < 1e-8 * dot(axis, axis) + 1e-14) {
        across = cross(abs(middle.y) < 0.9 ? vec3(0.0, 1.0, 0.0) : vec3(1.0, 0.0, 0.0), middle);
    }
    across = normalize(across);
    // What is thinner than a pixel would come and go, and its rim with it.
    vec2 radii = max(vec2(first.w, last.w), 1.2 * pixel * vec2(near, far));
    float seen = max(dot(axis, cross(middle, across)), 0.0);
    bool begins = (gl_VertexID & 2) == 0;
    float radius = begins ? radii.x : radii.y;
    place = vec2(begins ? -radius : seen + radius, (gl_VertexID & 1) == 0 ? -radius : radius);
    vec3 along = cross(begins ? to_first : to_last, across);
    at = (begins ? first.xyz - radius * along : last.xyz + radius * along) + place.y * across;
    shape = vec3(seen, radii);
    colours[0] = first_colour;
    colours[1] = last_colour;
    style = look;
    gl_Position = clip * vec4(at, 1.0);
}
