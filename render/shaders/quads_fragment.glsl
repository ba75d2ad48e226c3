// What one splat adds to one pixel: premultiplied linear light.

in vec2 at;
flat in vec4 light;
flat in float range;

layout(location = 0) out vec4 colour;
#if DEPTH
flat in float behind;
layout(location = 1) out vec4 depth;   // weighted, the weight, and what it is blended with
#endif

void main() {
    float square = dot(at, at);
    float a = square < 1.0 ? exp2(light.w - range * square) : 0.0;
    colour = vec4(a * light.xyz, a);
#if DEPTH
    depth = vec4(a * behind, a, 0.0, a);
#endif
}
