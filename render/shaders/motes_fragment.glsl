// Premultiplied linear light.

uniform vec3 colour;

in vec2 at;
in float glow;

layout(location = 0) out vec4 light;

void main() {
    float away = dot(at, at);
    if (away >= 1.0)
        discard;
    float soft = (1.0 - away) * (1.0 - away);
    float alpha = 0.5 * glow * soft;
    light = vec4(colour * alpha, alpha);
}
