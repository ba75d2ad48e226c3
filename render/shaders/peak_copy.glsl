// Copies a buffer: what memory gives at best.

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Source { uvec4 source[]; };
layout(std430, binding = 1) writeonly buffer Target { uvec4 target[]; };

uniform uint count;
uniform uint row;   // invocations a row of workgroups

void main() {
    uint i = gl_GlobalInvocationID.y * row + gl_GlobalInvocationID.x;
    if (i < count) target[i] = source[i];
}
