// One tile of 8 x 8 pixels of an eye, blended front to back until nothing shows through: one lane a column, its 8 rows
// in registers; no shared memory and no barriers, which cost more than they give on a software GPU.

#include "depth.glsl"
#include "eyes.glsl"
#include "splat.glsl"
#include "tile_list.glsl"

layout(local_size_x = 8) in;

layout(std430, binding = 0) readonly buffer Splats { uvec4 splats[]; };
layout(rgba16f, binding = 0) writeonly uniform highp image2D picture;
#if DEPTH
layout(std430, binding = 4) readonly buffer Depths { float depths[]; };
layout(r32f, binding = 1) writeonly uniform highp image2D picture_depth;   // see depth.glsl
#endif
#if COUNTED
layout(std430, binding = 5) buffer Counts { uvec2 counts[]; };   // a lane of a tile: see fragments.py
#endif

uniform float fade;     // log2 of what is left of a splat where it ends

const float OPAQUE = 1.0 / 255.0;
const float LOG2_255 = 7.994353436858858;
const float STEP = 1.0 / 8.0;

vec2 size;       // of the eye's image, in tiles
float left[8];   // what still shows through
vec3 colour[8];
#if DEPTH
float far[8];
#endif
#if COUNTED
uvec2 done = uvec2(0u);
#endif

void blend(uint entry, vec2 p, bool on) {
    uvec4 s = splats[entry & 0xffffffu];
    vec2 d = p - unpack_centre(s.x) * size;
    vec2 conic = unpackHalf2x16(s.y);
    vec2 rest = unpackHalf2x16(s.z);
    vec3 root = vec3(s.w & 1023u, (s.w >> 10) & 1023u, s.w >> 20) * (1.0 / 1023.0);
    vec3 c = root * root;
    float end = on ? max(rest.y + fade, -LOG2_255) : 1.0;
    float x = rest.y + conic.x * d.x * d.x;
    float b = conic.y * d.x;
#if DEPTH
    float z = depths[entry & 0xffffffu];
#endif
    for (int r = 0; r < 8; ++r) {
        float y = d.y + float(r) * STEP;
        float exponent = x + y * (b + rest.x * y);
        float a = exponent > end ? exp2(exponent) : 0.0;
#if COUNTED
        if (on) done += uvec2(1u, a > 0.0 && left[r] >= OPAQUE ? 1u : 0u);
#endif
        float weight = a * left[r];
        colour[r] += weight * c;
        left[r] -= weight;
#if DEPTH
        far[r] += weight * z;
#endif
    }
}

bool opaque() {
    float most = left[0];
    for (int r = 1; r < 8; ++r) most = max(most, left[r]);
    return most < OPAQUE;
}

void main() {
    uint eye = gl_WorkGroupID.z;
    ivec4 window = eyes[eye].window;
    ivec2 tile = ivec2(gl_WorkGroupID.xy) + window.xy;
    if (any(greaterThan(tile, window.zw))) return;   // of a larger window, another eye's
    size = eyes[eye].size;
    ivec2 pixel = tile * 8 + ivec2(gl_LocalInvocationID.x, 0);
    vec2 p = (vec2(pixel) + 0.5) * STEP;
    for (int r = 0; r < 8; ++r) {
        left[r] = 1.0;
        colour[r] = vec3(0.0);
#if DEPTH
        far[r] = 0.0;
#endif
    }
    open_list(gl_WorkGroupID.xy, eye);
#if LARGE
    uint splat;
    while (next_splat(splat)) {
        blend(splat, p, true);
        if (opaque()) break;
    }
#else
    for (uint j = list_next; j < list_end; j += 4u) {
        uint last = list_end - 1u;
        blend(lists[j], p, true);
        blend(lists[min(j + 1u, last)], p, j + 1u <= last);
        blend(lists[min(j + 2u, last)], p, j + 2u <= last);
        blend(lists[min(j + 3u, last)], p, j + 3u <= last);
        if (opaque()) break;
    }
#endif
    pixel += eyes[eye].place;
    for (int r = 0; r < 8; ++r) {
        // Less than one step of 8 bits is left: call it opaque, so that no background shines through a dark coat.
        bool full = left[r] < OPAQUE;
        vec4 c = vec4(full ? colour[r] / (1.0 - left[r]) : colour[r], full ? 1.0 : 1.0 - left[r]);
        imageStore(picture, pixel + ivec2(0, r), c);
#if DEPTH
        imageStore(picture_depth, pixel + ivec2(0, r), vec4(mean_depth(far[r], 1.0 - left[r])));
#endif
    }
#if COUNTED
    uint place = (eye * gl_NumWorkGroups.y + gl_WorkGroupID.y) * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    counts[place * 8u + gl_LocalInvocationID.x] += done;
#endif
}
