// The eye's finished picture, premultiplied linear light; blending lays it over what is there.

uniform highp sampler2D picture;

layout(location = 0) out vec4 colour;

void main() {
    colour = texelFetch(picture, ivec2(gl_FragCoord.xy), 0);
}
