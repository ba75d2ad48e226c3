// The blended canvas into the picture of all eyes, pixels that are nearly opaque made so, as tiles make them.

#include "depth.glsl"
#include "eyes.glsl"

layout(local_size_x = 8, local_size_y = 8) in;

layout(rgba16f, binding = 0) readonly uniform highp image2D canvas;
layout(rgba16f, binding = 1) writeonly uniform highp image2D picture;
#if DEPTH
layout(r32f, binding = 2) writeonly uniform highp image2D picture_depth;   // see depth.glsl
uniform highp sampler2D depths;   // weighted, and the weights
#endif

uniform uint across;   // windows beside each other on the canvas

const float OPAQUE = 1.0 / 255.0;

void main() {
    uint eye = gl_WorkGroupID.z;
    ivec4 window = eyes[eye].window;
    ivec2 tile = ivec2(gl_WorkGroupID.xy) + window.xy;
    if (any(greaterThan(tile, window.zw))) return;   // of a larger window, another eye's
    uvec2 cell = uvec2(eye % across, eye / across) * gl_NumWorkGroups.xy + gl_WorkGroupID.xy;
    ivec2 pixel = ivec2(cell * 8u + gl_LocalInvocationID.xy);
    ivec2 to = eyes[eye].place + tile * 8 + ivec2(gl_LocalInvocationID.xy);
    vec4 c = imageLoad(canvas, pixel);
    imageStore(picture, to, 1.0 - c.a < OPAQUE ? vec4(c.rgb / c.a, 1.0) : c);
#if DEPTH
    vec2 sum = texelFetch(depths, pixel, 0).rg;
    imageStore(picture_depth, to, vec4(mean_depth(sum.r + eyes[eye].middle * sum.g, sum.g)));
#endif
}
