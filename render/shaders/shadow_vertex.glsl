// The square of the floor that the shadow's map covers.

uniform mat4 clip;            // world to clip space, without depth
uniform vec2 centre;          // x and z
uniform float reach;
uniform float height;         // of the floor

out vec2 at;

void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    at = corner;
    vec2 place = centre + reach * (2.0 * corner - 1.0);
    gl_Position = clip * vec4(place.x, height, place.y, 1.0);
}
