// One tile of 8 x 8 pixels, blended as tiles.glsl does, to learn the most that each splat adds to any pixel.

#include "eyes.glsl"
#include "splat.glsl"
#include "tile_list.glsl"

layout(local_size_x = 8) in;

layout(std430, binding = 0) readonly buffer Splats { uvec4 splats[]; };
layout(std430, binding = 4) buffer Added { uint added[]; };   // bits of a float a Gaussian: those of positive floats are in order


const float OPAQUE = 1.0 / 1024.0;
const float LOG2_255 = 7.994353436858858;
const float STEP = 1.0 / 8.0;

void main() {
    uint eye = gl_WorkGroupID.z;
    ivec4 window = eyes[eye].window;
    ivec2 tile = ivec2(gl_WorkGroupID.xy) + window.xy;
    if (any(greaterThan(tile, window.zw))) return;   // of a larger window, another eye's
    vec2 size = eyes[eye].size;
    vec2 p = vec2(tile) + (vec2(float(gl_LocalInvocationID.x), 0.0) + 0.5) * STEP;
    float left[8];   // what still shows through
    for (int r = 0; r < 8; ++r) left[r] = 1.0;
    open_list(gl_WorkGroupID.xy, eye);
    uint splat;
    while (next_splat(splat)) {
        uvec4 s = splats[splat];
        vec2 d = p - unpack_centre(s.x) * size;
        vec2 conic = unpackHalf2x16(s.y);
        vec2 rest = unpackHalf2x16(s.z);
        float here = 0.0;
        float most = 0.0;
        for (int r = 0; r < 8; ++r) {
            float y = d.y + float(r) * STEP;
            float exponent = rest.y + conic.x * d.x * d.x + y * (conic.y * d.x + rest.x * y);
            float weight = exponent > -LOG2_255 ? exp2(exponent) * left[r] : 0.0;
            left[r] -= weight;
            here = max(here, weight);
            most = max(most, left[r]);
        }
        if (here > 0.0) atomicMax(added[splat], floatBitsToUint(here));
        if (most < OPAQUE) break;
    }
}
