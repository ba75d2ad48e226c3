// The blended canvas into the eye's picture, pixels that are nearly opaque made so, as tiles make them.

#include "depth.glsl"

layout(local_size_x = 8, local_size_y = 8) in;

layout(rgba16f, binding = 0) readonly uniform highp image2D canvas;
layout(rgba16f, binding = 1) writeonly uniform highp image2D picture;
#if DEPTH
layout(r32f, binding = 2) writeonly uniform highp image2D picture_depth;   // see depth.glsl
uniform highp sampler2D depths;   // weighted, and the weights
uniform float middle;             // metres that the depths are short of
#endif

uniform ivec2 origin;   // of the window, in pixels

const float OPAQUE = 1.0 / 255.0;

void main() {
    ivec2 pixel = ivec2(gl_GlobalInvocationID.xy);
    vec4 c = imageLoad(canvas, pixel);
    imageStore(picture, pixel + origin, 1.0 - c.a < OPAQUE ? vec4(c.rgb / c.a, 1.0) : c);
#if DEPTH
    vec2 sum = texelFetch(depths, pixel, 0).rg;
    imageStore(picture_depth, pixel + origin, vec4(mean_depth(sum.r + middle * sum.g, sum.g)));
#endif
}
