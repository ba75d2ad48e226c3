// One Gaussian onto the image of each of EYES eyes: a 16-byte splat and the tiles that it may touch, [eye * count + i].
// EWA splatting (Zwicker et al. 2001) as in 3D Gaussian Splatting, or with the filter of Mip-Splatting (Yu et al. 2024,
// equation 10). The image is measured in tiles of 8 x 8 pixels, so that the conic of a large splat stays in a half's
// range.

#include "eyes.glsl"
#include "quaternion.glsl"
#include "splat.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer World { uvec4 world[]; };
layout(std430, binding = 1) readonly buffer Colours { uint colours[]; };
layout(std430, binding = 2) writeonly buffer Splats { uvec4 splats[]; };   // centre, conic xx xy, conic yy log2 o, colour
layout(std430, binding = 3) writeonly buffer Bounds { uvec2 bounds[]; };   // first tile x | y << 16 in the window, last tile
#if DEPTH
layout(std430, binding = 4) writeonly buffer Depths { float depths[]; };   // metres along the eye's -z
#endif
#if DEPTH && HIDDEN
layout(std430, binding = 5) readonly buffer Facing { uint facing[]; };   // see facing.py
#elif HIDDEN
layout(std430, binding = 4) readonly buffer Facing { uint facing[]; };   // see facing.py
#endif

uniform uint count;
uniform float nearest;     // metres
uniform float max_square;  // of the deviations at which splats end
#if LEAST
uniform float least_light;   // opacity times product of the deviations, in square tiles
uniform float least_square;  // of the longer deviation, in tiles
#endif
#if FOVEA
uniform float fovea;       // radians
#endif
#if HIDDEN
uniform float margin;      // of the cosines of facing.py
#endif

// Something for each eye. Eyes are told by constants, for a software GPU takes three times as long to look one up.
#if EYES == 1
#define EACH(WHAT) WHAT(0u)
#elif EYES == 2
#define EACH(WHAT) WHAT(0u) WHAT(1u)
#elif EYES == 3
#define EACH(WHAT) WHAT(0u) WHAT(1u) WHAT(2u)
#else
#define EACH(WHAT) WHAT(0u) WHAT(1u) WHAT(2u) WHAT(3u)
#endif

const float HALF_PIXEL = 0.5 / 8.0;
const float LOG2_255 = 7.994353436858858;
const float SLANT = 0.999;                   // correlation of x and y at most; 1 has no end
#if MIP
const float LOW_PASS = 0.1 / 64.0;           // square pixels of variance, in tiles
#else
const float LOW_PASS = 0.3 / 64.0;
#endif

#if HIDDEN
// Whether the surface below faces away from both eyes, past where the Gaussian was ever seen; `back` is its turn to rest.
bool faces_away(uint word, vec3 place, uvec2 back) {
    vec4 rest = unpackSnorm4x8(word);   // normal, limit
    vec3 n = turn(conjugate(unpack_quaternion(back)), rest.xyz);
    n = normalize(vec3(dot(model[0].xyz, n), dot(model[1].xyz, n), dot(model[2].xyz, n)));
    vec3 to_a = seen_from[0].xyz - place, to_b = seen_from[1].xyz - place;
    float limit = rest.w - margin;
    return dot(n, to_a) < limit * length(to_a) && dot(n, to_b) < limit * length(to_b);
}
#endif

void project(Eye eye, uint at, vec4 p, float log2_opacity, mat3 covariance, uint colour) {
    float depth = -dot(eye.z, p);
    if (depth < nearest) return;
    vec2 slope = vec2(dot(eye.x, p), dot(eye.y, p)) / depth;
    vec2 centre = eye.camera.zw + eye.camera.xy * slope;
    vec2 bent = clamp(slope, eye.limits.xy, eye.limits.zw);
    vec3 to_x = (eye.x.xyz + bent.x * eye.z.xyz) * (eye.camera.x / depth);
    vec3 to_y = (eye.y.xyz + bent.y * eye.z.xyz) * (eye.camera.y / depth);
    vec3 cx = covariance * to_x;
    float xx = dot(to_x, cx);
    float xy = dot(to_y, cx);
    float yy = dot(to_y, covariance * to_y);
#if MIP
    float sharp = max(xx * yy - xy * xy, 0.0);
#endif
    xx += LOW_PASS;
    yy += LOW_PASS;
    float determinant = xx * yy - xy * xy;
    if (determinant <= 0.0) return;
#if MIP
    log2_opacity += 0.5 * log2(max(sharp / determinant, 1e-12));
#endif
    // Where opacity * exp(-square / 2) falls under 1/255 a splat ends.
    float reach = min(max_square, 2.0 * 0.6931471805599453 * (log2_opacity + LOG2_255));
    if (reach <= 0.0) return;
#if LEAST
    float mean = 0.5 * (xx + yy);
    if (mean + sqrt(max(mean * mean - determinant, 0.0)) < least_square) return;
    float least = least_light;
#if FOVEA
    float ring = 1.0 + acos(clamp(dot(eye.gaze, normalize(vec3(slope, -1.0))), -1.0, 1.0)) / fovea;
    least *= ring * ring;
#endif
    if (exp2(log2_opacity) * sqrt(determinant) < least) return;
#endif

    // Only tiles with a pixel centre inside.
    vec2 low = vec2(eye.window.xy);
    vec2 half_size = sqrt(reach * vec2(xx, yy));
    vec2 first = max(ceil(centre - half_size - 1.0 + HALF_PIXEL), low) - low;
    vec2 last = min(floor(centre + half_size - HALF_PIXEL), vec2(eye.window.zw)) - low;
    if (any(greaterThan(first, last)) || out_of_range(centre / eye.size)) return;
    uvec2 a = uvec2(first), b = uvec2(last);
    bounds[at] = uvec2(a.x | a.y << 16, b.x | b.y << 16);
    vec3 conic = vec3(yy, -2.0 * xy, xx) * (-0.7213475204444817 / determinant);   // -log2(e) / 2: the exponent of 2
    // Rounded to halves the conic of a long needle may have no end: its slant is held a little under where that begins.
    float most = 2.0 * SLANT * sqrt(unpackHalf2x16(packHalf2x16(conic.xx)).x * unpackHalf2x16(packHalf2x16(conic.zz)).x);
    uint conic_xy = packHalf2x16(vec2(conic.x, clamp(conic.y, -most, most)));
    splats[at] = uvec4(pack_centre(centre / eye.size), conic_xy, packHalf2x16(vec2(conic.z, log2_opacity)), colour);
#if DEPTH
    depths[at] = depth;
#endif
}

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    uvec4 w0 = world[i * 3u];
    vec4 w1 = uintBitsToFloat(world[i * 3u + 1u]);
    uvec4 rest = world[i * 3u + 2u];
    vec4 p = vec4(uintBitsToFloat(w0.xyz), 1.0);
    vec2 w2 = uintBitsToFloat(rest.xy);
    mat3 covariance = mat3(w1.x, w1.y, w1.z, w1.y, w1.w, w2.x, w1.z, w2.x, w2.y);
    float log2_opacity = uintBitsToFloat(w0.w);
    uint colour = colours[i];
#define OUT_OF_SIGHT(e) bounds[e * count + i] = uvec2(1u, 0u);
    EACH(OUT_OF_SIGHT)
#if HIDDEN
    if (faces_away(facing[i], p.xyz, rest.zw)) return;
#endif
#define PROJECT(e) project(eyes[e], e * count + i, p, log2_opacity, covariance, colour);
    EACH(PROJECT)
}
