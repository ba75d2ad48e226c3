// The quads of one block, farthest first: the splat's ellipse, out to where it ends, as a centre and two half axes.

#include "eyes.glsl"
#include "quads_walk.glsl"
#include "splat.glsl"

layout(std430, binding = 3) readonly buffer Splats { uvec4 splats[]; };   // see project.glsl
layout(std430, binding = 4) writeonly buffer Quads { uvec4 quads[]; };    // centre, long axis | width, end; log2 o, range; colour
#if DEPTH
layout(std430, binding = 5) readonly buffer Depths { float depths[]; };
layout(std430, binding = 6) writeonly buffer Fars { float fars[]; };      // of each quad, metres past the middle
#endif

uniform uint room;    // for quads of an eye
uniform float fade;   // log2 of what is left of a splat where it ends

const float LOG2_255 = 7.994353436858858;

uint next;
vec2 size;     // of the eye's image, in tiles
vec2 origin;   // of its window
#if DEPTH
float middle;
#endif

void visit(uint splat, uvec2 box) {
    uvec4 s = splats[splat];
    vec2 centre = unpack_centre(s.x) * size - origin;
    vec3 conic = -vec3(unpackHalf2x16(s.y), unpackHalf2x16(s.z).x);
    float log2_opacity = unpackHalf2x16(s.z).y;
    float range = max(min(-fade, log2_opacity + LOG2_255), 1e-3);   // of the exponent, from the centre to the end

    // Eigenvalues of the conic: the smaller belongs to the long axis. Rounded to halves, a long needle's may even be
    // negative, so it is no longer than to the farthest corner of the tiles that it touches.
    float mean = 0.5 * (conic.x + conic.z);
    vec2 lean = vec2(0.5 * (conic.x - conic.z), 0.5 * conic.y);
    float greater = mean + length(lean);
    float smaller = max((conic.x * conic.z - lean.y * lean.y) / greater, 0.0);
    vec2 low = vec2(box.x & 0xffffu, box.x >> 16), high = vec2(box.y & 0xffffu, box.y >> 16) + 1.0;
    float corner = length(max(abs(low - centre), abs(high - centre)));
    float width = sqrt(range / greater);
    float extent = corner * corner * smaller < range ? corner : sqrt(range / smaller);
    // Across the gradient of the greater eigenvalue; of the two ways to write it, the one that does not cancel.
    vec2 across = lean.x > 0.0 ? vec2(length(lean) + lean.x, lean.y) : vec2(lean.y, length(lean) - lean.x);
    float norm = length(across);
    vec2 along = norm > 0.0 ? vec2(-across.y, across.x) / norm : vec2(0.0, 1.0);

    --next;
    quads[next * 2u] = floatBitsToUint(vec4(centre, along * extent));
    float end = extent * sqrt(smaller / range);   // where the quad ends along the axis, 1 where the splat does
    quads[next * 2u + 1u] = uvec4(floatBitsToUint(width), floatBitsToUint(end), packHalf2x16(vec2(log2_opacity, range)), s.w);
#if DEPTH
    fars[next] = depths[splat] - middle;
#endif
}

void main() {
    if (!has_block()) return;
    uint eye = gl_GlobalInvocationID.y;
    size = eyes[eye].size;
    origin = vec2(eyes[eye].window.xy);
#if DEPTH
    middle = eyes[eye].middle;
#endif
    next = eye * room + tally[block_of_all()];
    walk();
}
