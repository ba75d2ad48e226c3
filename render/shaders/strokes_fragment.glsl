// A stroke with round ends and soft edges, premultiplied: light in the middle of a dark rim, or one shade as a round
// thing has them.

uniform vec4 parting;         // a plane: what lies on its far side is drawn apart from the rest
uniform float side;           // 1 for the near side, -1 for the far one

in vec3 at;
in vec2 place;
flat in vec3 shape;
flat in vec4 colours[2];
flat in vec3 style;

layout(location = 0) out vec4 colour;

const float RIM = 0.6;       // opacity of the rim, of that of the light

void main() {
    float share = shape.x > 1e-6 ? clamp(place.x / shape.x, 0.0, 1.0) : 0.0;
    float radius = mix(shape.y, shape.z, share);
    float away = length(vec2(place.x - share * shape.x, place.y)) / radius;
    float soft = max(length(vec2(dFdx(place.y), dFdy(place.y))) / radius, 1e-4);    // a pixel
    float inside = clamp((1.0 - away) / soft + 0.5, 0.0, 1.0);
    float core = clamp((1.0 - style.x - away) / soft + 0.5, 0.0, 1.0);
    float rim = RIM * inside * (1.0 - smoothstep(1.0 - style.x, 1.0, away));
    vec4 light = mix(colours[0], colours[1], share);
    light.a *= clamp(share / max(style.z, 1e-6), step(style.z, 0.0), 1.0);
    float shade = mix(1.0, 0.5 + 0.5 * sqrt(max(1.0 - away * away, 0.0)), style.y);
    colour = light.a * vec4(core * shade * light.rgb, mix(rim, 1.0, core));
    if (colour.a == 0.0 || side * (dot(parting.xyz, at) - parting.w) < 0.0) discard;
}
