// One Gaussian onto one eye's image: a 16-byte splat and the tiles that it may touch.
// EWA splatting (Zwicker et al. 2001) as in 3D Gaussian Splatting. The image is measured in tiles of 8 x 8 pixels, so
// that the conic of a large splat stays in a half's range.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer World { uvec4 world[]; };
layout(std430, binding = 1) readonly buffer Colours { uint colours[]; };
layout(std430, binding = 2) writeonly buffer Splats { uvec4 splats[]; };   // centre, conic xx xy, conic yy log2 o, colour
layout(std430, binding = 3) writeonly buffer Bounds { uvec2 bounds[]; };   // first tile x | y << 16 in the window, last tile
#if DEPTH
layout(std430, binding = 4) writeonly buffer Depths { float depths[]; };   // metres along the eye's -z
#endif

uniform uint count;
uniform vec4 eye[3];       // rows of world-to-eye
uniform vec4 camera;       // fx fy cx cy, in tiles
uniform vec4 limits;       // smallest and largest x, y slope at which the Jacobian is taken
uniform vec2 size;         // of the image, in tiles
uniform float nearest;     // metres
uniform float max_square;  // of the deviations at which splats end
uniform vec4 window;       // first tile x y, last tile x y: where the avatar can be

const float LOW_PASS = 0.3 / 64.0;           // 0.3 px of variance, in tiles
const float HALF_PIXEL = 0.5 / 8.0;
const float LOG2_255 = 7.994353436858858;
const float SLANT = 0.999;                   // correlation of x and y at most; 1 has no end

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    bounds[i] = uvec2(1u, 0u);
    uvec4 w0 = world[i * 3u];
    vec4 p = vec4(uintBitsToFloat(w0.xyz), 1.0);
    float log2_opacity = uintBitsToFloat(w0.w);
    float depth = -dot(eye[2], p);
    // Where opacity * exp(-square / 2) falls under 1/255 a splat ends.
    float reach = min(max_square, 2.0 * 0.6931471805599453 * (log2_opacity + LOG2_255));
    if (depth < nearest || reach <= 0.0) return;
    vec4 w1 = uintBitsToFloat(world[i * 3u + 1u]);
    vec2 w2 = uintBitsToFloat(world[i * 3u + 2u].xy);
    mat3 covariance = mat3(w1.x, w1.y, w1.z, w1.y, w1.w, w2.x, w1.z, w2.x, w2.y);

    vec2 slope = vec2(dot(eye[0], p), dot(eye[1], p)) / depth;
    vec2 centre = camera.zw + camera.xy * slope;
    vec2 bent = clamp(slope, limits.xy, limits.zw);
    vec3 to_x = (eye[0].xyz + bent.x * eye[2].xyz) * (camera.x / depth);
    vec3 to_y = (eye[1].xyz + bent.y * eye[2].xyz) * (camera.y / depth);
    vec3 cx = covariance * to_x;
    float xx = dot(to_x, cx) + LOW_PASS;
    float xy = dot(to_y, cx);
    float yy = dot(to_y, covariance * to_y) + LOW_PASS;
    float determinant = xx * yy - xy * xy;
    vec2 half_size = sqrt(reach * vec2(xx, yy));

    // Only tiles with a pixel centre inside.
    vec2 first = max(ceil(centre - half_size - 1.0 + HALF_PIXEL), window.xy) - window.xy;
    vec2 last = min(floor(centre + half_size - HALF_PIXEL), window.zw) - window.xy;
    vec2 packed_centre = centre / size * 0.5 + 0.25;
    if (any(greaterThan(first, last)) || determinant <= 0.0) return;
    if (any(lessThan(packed_centre, vec2(0.0))) || any(greaterThan(packed_centre, vec2(1.0)))) return;
    uvec2 a = uvec2(first), b = uvec2(last);
    bounds[i] = uvec2(a.x | a.y << 16, b.x | b.y << 16);
    vec3 conic = vec3(yy, -2.0 * xy, xx) * (-0.7213475204444817 / determinant);   // -log2(e) / 2: the exponent of 2
    // Rounded to halves the conic of a long needle may have no end: its slant is held a little under where that begins.
    float most = 2.0 * SLANT * sqrt(unpackHalf2x16(packHalf2x16(conic.xx)).x * unpackHalf2x16(packHalf2x16(conic.zz)).x);
    uint conic_xy = packHalf2x16(vec2(conic.x, clamp(conic.y, -most, most)));
    splats[i] = uvec4(packUnorm2x16(packed_centre), conic_xy, packHalf2x16(vec2(conic.z, log2_opacity)), colours[i]);
#if DEPTH
    depths[i] = depth;
#endif
}
