// A soft grain of light that faces the eye, one of many in the shape of a body.

uniform mat4 eye;             // body to eye, metres
uniform vec4 edges;           // tangents of the view: left, right, down, up
uniform float size;           // of the body
uniform float time;           // seconds
uniform float gone;           // 0 where all are in their places, 1 when the last has gone

layout(location = 0) in vec4 mote;    // place in the body, and radius; metres
layout(location = 1) in float phase;  // radians

out vec2 at;
out float glow;

void main() {
    at = 2.0 * vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) - 1.0;
    // It breathes, and every grain drifts a little about its place.
    vec3 place = mote.xyz * vec3(1.0 + 0.015 * sin(1.7 * time - 2.0 * mote.y), 1.0, 1.0 + 0.03 * sin(1.7 * time));
    place += 0.012 * vec3(sin(0.9 * time + phase), sin(1.1 * time + 2.3 * phase), cos(0.8 * time + phase));
    place += gone * gone * vec3(0.25 * sin(phase), 0.35 * (1.0 + cos(3.0 * phase)), 0.25 * cos(phase));
    // A slow wave of light goes up.
    float wave = 0.5 + 0.5 * cos(2.4 * mote.y - 2.1 * time + 0.3 * sin(phase));
    glow = (0.3 + 0.7 * wave * wave) * (0.75 + 0.25 * sin(3.0 * phase)) * (1.0 - gone);
    vec4 seen = eye * vec4(place, 1.0);
    seen.xy += at * mote.w * size;
    vec2 low = edges.xz, high = edges.yw;
    gl_Position = vec4((2.0 * seen.xy + (high + low) * seen.z) / (high - low), 0.0, -seen.z);
}
