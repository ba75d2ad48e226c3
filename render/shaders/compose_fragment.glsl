// An eye's part of the finished picture, premultiplied, as linear light; blending lays it over what is there.

uniform highp sampler2D picture;
uniform vec2 place;   // of the eye's image in it
#if DEPTH
uniform highp sampler2D depths;   // see depth.glsl
uniform vec2 range;               // 1 / near, 1 / (1 / near - 1 / far)
#endif
#if ENLARGE
uniform vec2 share;   // pixels of the picture for one of the target
uniform vec4 drawn;   // first and last pixel centre of the part that was drawn
#endif

#if VEIL
uniform float opacity;
uniform vec3 light;
uniform vec4 tint;    // linear light, and how much of it
#endif

layout(location = 0) out vec4 colour;

void main() {
#if ENLARGE
    vec2 at = clamp(gl_FragCoord.xy * share, drawn.xy, drawn.zw) + place;
    colour = textureLod(picture, at / vec2(textureSize(picture, 0)), 0.0);
#else
    vec2 at = gl_FragCoord.xy + place;
    colour = texelFetch(picture, ivec2(at), 0);
#endif
#if DEPTH
    // The nearest pixel's: what lies between two depths at an edge is nowhere. Nothing is infinitely far.
    float metres = texelFetch(depths, ivec2(at), 0).r;
    gl_FragDepth = clamp((range.x - (metres > 0.0 ? 1.0 / metres : 0.0)) * range.y, 0.0, 1.0);
#endif
#if DISPLAY
    // sRGB values weighted by alpha: taken apart, decoded (IEC 61966-2-1), weighted again.
    vec3 c = clamp(colour.rgb * (float(BRIGHTEST) / max(colour.a, 1e-6)), 0.0, 1.0);
    vec3 linear = mix(pow((c + 0.055) / 1.055, vec3(2.4)), c / 12.92, lessThanEqual(c, vec3(0.04045)));
    colour.rgb = linear * colour.a;
#endif
#if VEIL
    // Of the whole picture, not of each splat: what lies behind the surface stays hidden by it.
    colour.rgb *= light;
    float brightness = dot(colour.rgb, vec3(0.2126, 0.7152, 0.0722));
    colour = opacity * vec4(mix(colour.rgb, brightness * tint.rgb, tint.a), colour.a);
#endif
}
