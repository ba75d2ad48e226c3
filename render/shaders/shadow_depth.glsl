// The depth of the floor where the shadow is to be seen.

uniform highp sampler2D reaching;
uniform float density;
uniform vec2 range;           // 1 / near, 1 / (1 / near - 1 / far)

in vec2 at;
layout(location = 0) out vec4 colour;

void main() {
    if (density * (1.0 - texture(reaching, at).r) < 1.0 / 255.0) discard;
    gl_FragDepth = clamp((range.x - gl_FragCoord.w) * range.y, 0.0, 1.0);   // one by the metres along -z
    colour = vec4(0.0);
}
