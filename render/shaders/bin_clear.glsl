// Zeroes the tallies, four at a time.

layout(local_size_x = 64) in;

layout(std430, binding = 0) writeonly buffer Tally { uvec4 tally[]; };

uniform uint count;

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i < count) tally[i] = uvec4(0u);
}
