// The floor's depth, where it is looked at.

uniform vec3 eye;
uniform mat3 turn;
uniform vec4 tangents;
uniform vec2 size;
uniform vec2 range;           // 1 / near, 1 / (1 / near - 1 / far)

layout(location = 0) out vec4 colour;

void main() {
    vec3 ray = turn * vec3(mix(tangents.xw, tangents.yz, gl_FragCoord.xy / size), -1.0);
    float nearness = eye.y > 0.0 ? max(-ray.y / eye.y, 0.0) : 0.0;   // one by the metres along -z
    gl_FragDepth = clamp((range.x - nearness) * range.y, 0.0, 1.0);
    colour = vec4(0.0);
}
