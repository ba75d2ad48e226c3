// One corner of one splat's quad.

layout(location = 0) in vec4 place;   // centre and long half axis, in tiles of the window
layout(location = 1) in uvec4 form;   // width, end of the long axis, log2 opacity and range, colour
#if DEPTH
layout(location = 2) in float far;     // metres past the middle of the depths, so that halves hold them
flat out float behind;
#endif

uniform vec2 window;   // the largest of all eyes', in tiles

out vec2 at;           // 1 from the centre is where the splat ends
flat out vec4 light;   // linear colour, log2 opacity
flat out float range;  // of the exponent, from the centre to the end

void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    vec2 size = uintBitsToFloat(form.xy);
    vec2 across = vec2(place.w, -place.z) * (inversesqrt(dot(place.zw, place.zw)) * size.x);
    vec2 p = place.xy + corner.x * across + corner.y * place.zw;
    gl_Position = vec4(p / window * 2.0 - 1.0, 0.0, 1.0);
    at = corner * vec2(1.0, size.y);
    vec2 strength = unpackHalf2x16(form.z);
    vec3 root = vec3(form.w & 1023u, (form.w >> 10) & 1023u, form.w >> 20) * (1.0 / 1023.0);
    light = vec4(root * root, strength.x);
    range = strength.y;
#if DEPTH
    behind = far;
#endif
}
