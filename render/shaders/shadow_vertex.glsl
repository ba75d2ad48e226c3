// The square of the floor that the shadow's map covers.

uniform vec4 eye[3];          // rows of world-to-eye
uniform vec4 lens;            // of clip x by eye x and by depth, of clip y
uniform vec2 centre;          // x and z
uniform float reach;
uniform float height;         // of the floor

out vec2 at;

void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    at = corner;
    vec2 place = centre + reach * (2.0 * corner - 1.0);
    vec4 p = vec4(place.x, height, place.y, 1.0);
    float depth = -dot(eye[2], p);
    // Without depth in clip space a floor right below the eye is not cut off.
    gl_Position = vec4(lens.xz * vec2(dot(eye[0], p), dot(eye[1], p)) - lens.yw * depth, 0.0, depth);
}
