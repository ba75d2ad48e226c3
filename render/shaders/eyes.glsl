// What the eyes of a frame see: see eye.py, which writes this.

struct Eye {
    vec4 x, y, z;   // rows of world-to-eye
    vec4 camera;    // fx fy cx cy, in tiles
    vec4 limits;    // smallest and largest x, y slope at which the Jacobian is taken
    ivec4 window;   // first tile x y, last tile x y: where the avatar can be
    vec2 size;      // of the image, in tiles
    ivec2 place;    // of the image in the picture of all eyes, in pixels
    vec3 gaze;      // unit, in the eye's axes
    float middle;   // metres about which the depths lie
};

layout(std140, binding = 0) uniform Eyes {
    vec4 model[3];       // rows of avatar-to-world
    vec4 seen_from[2];   // xyz of the first and the last eye, in the world
    Eye eyes[4];
};
