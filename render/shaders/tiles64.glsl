// One tile of 8 x 8 pixels of an eye, an invocation each: they unpack 64 splats together into shared memory, then each
// blends all of those front to back, until nothing shows through any pixel. As many invocations as a GPU runs side by
// side at least; on a software GPU, for which every barrier is a detour, tiles.glsl is several times faster.

#include "depth.glsl"
#include "eyes.glsl"
#include "splat.glsl"
#include "tile_list.glsl"

layout(local_size_x = 8, local_size_y = 8) in;

layout(std430, binding = 0) readonly buffer Splats { uvec4 splats[]; };
layout(rgba16f, binding = 0) writeonly uniform highp image2D picture;
#if DEPTH
layout(std430, binding = 4) readonly buffer Depths { float depths[]; };
layout(r32f, binding = 1) writeonly uniform highp image2D picture_depth;   // see depth.glsl
#endif

uniform float fade;     // log2 of what is left of a splat where it ends

const float OPAQUE = 1.0 / 255.0;
const float LOG2_255 = 7.994353436858858;
const uint BATCH = 64u;

shared vec4 places[BATCH];   // centre in tiles, conic xx xy
shared vec4 ends[BATCH];     // conic yy, log2 opacity, where the exponent ends, metres
shared uint lights[BATCH];
shared uint open;            // whether something still shows through a pixel

void load(uint slot, uint entry, vec2 size) {
    uint splat = entry & 0xffffffu;
    uvec4 s = splats[splat];
    vec2 rest = unpackHalf2x16(s.z);
    float z = 0.0;
#if DEPTH
    z = depths[splat];
#endif
    // What touches another quarter of the bin alone ends before it begins.
    float end = (entry & list_quarter) != 0u ? max(rest.y + fade, -LOG2_255) : 1e9;
    places[slot] = vec4(unpack_centre(s.x) * size, unpackHalf2x16(s.y));
    ends[slot] = vec4(rest, end, z);
    lights[slot] = s.w;
}

void main() {
    uint lane = gl_LocalInvocationIndex;
    uint eye = gl_WorkGroupID.z;
    ivec4 window = eyes[eye].window;
    vec2 size = eyes[eye].size;
    ivec2 tile = ivec2(gl_WorkGroupID.xy) + window.xy;
    if (any(greaterThan(tile, window.zw))) return;   // of a larger window, another eye's
    ivec2 pixel = tile * 8 + ivec2(gl_LocalInvocationID.xy);
    vec2 p = (vec2(pixel) + 0.5) / 8.0;
    float left = 1.0;   // what still shows through
    vec3 colour = vec3(0.0);
    float far = 0.0;
    open_list(gl_WorkGroupID.xy, eye);
    for (uint first = list_next; first < list_end; first += BATCH) {
        uint batch = min(list_end - first, BATCH);
        if (lane < batch) load(lane, lists[first + lane], size);
        if (lane == 0u) open = 0u;
        barrier();
        for (uint k = 0u; k < batch && left >= OPAQUE; ++k) {
            vec4 place = places[k], end = ends[k];
            vec2 d = p - place.xy;
            float exponent = end.y + place.z * d.x * d.x + d.y * (place.w * d.x + end.x * d.y);
            if (exponent <= end.z) continue;
            float weight = exp2(exponent) * left;
            uint light = lights[k];
            vec3 root = vec3(light & 1023u, (light >> 10) & 1023u, light >> 20) * (1.0 / 1023.0);
            colour += weight * root * root;
            far += weight * end.w;
            left -= weight;
        }
        if (left >= OPAQUE) open = 1u;
        barrier();
        bool more = open != 0u;
        barrier();
        if (!more) break;
    }
    pixel += eyes[eye].place;
    // Less than one step of 8 bits is left: call it opaque, so that no background shines through a dark coat.
    bool full = left < OPAQUE;
    imageStore(picture, pixel, vec4(full ? colour / (1.0 - left) : colour, full ? 1.0 : 1.0 - left));
#if DEPTH
    imageStore(picture_depth, pixel, vec4(mean_depth(far, 1.0 - left)));
#endif
}
