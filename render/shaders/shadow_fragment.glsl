// Black as dense as the shadow, for laying over the wearer's own floor.

#include "dither.glsl"

uniform highp sampler2D reaching;
uniform float density;

in vec2 at;
layout(location = 0) out vec4 colour;

void main() {
    float shadow = density * (1.0 - texture(reaching, at).r);
    colour = vec4(0.0, 0.0, 0.0, clamp(shadow + step(1e-4, shadow) * noise() / 255.0, 0.0, 1.0));
}
