// 16-bit sort key of one Gaussian: its distance from the head, over the avatar's own range of distances.
// Distance, not depth: turning the head then changes no key.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer World { uvec4 world[]; };
layout(std430, binding = 1) writeonly buffer Keys { uint keys[]; };

uniform uint count;
uniform vec3 head;
uniform float nearest;
uniform float per_metre;   // keys a metre

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    float d = distance(uintBitsToFloat(world[i * 3u].xyz), head);
    keys[i] = uint(clamp((d - nearest) * per_metre, 0.0, 65535.0));
}
