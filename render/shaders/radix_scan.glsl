// Exclusive prefix sum of the tallies, digit by digit and chunk by chunk: where each chunk's items of a digit go.

layout(local_size_x = 256) in;

layout(std430, binding = 0) buffer Tally { uint tally[]; };

shared uint sums[256];

void main() {
    uint digit = gl_LocalInvocationID.x;
    uint first = digit * uint(CHUNKS);
    uint sum = 0u;
    for (uint k = 0u; k < uint(CHUNKS); ++k) sum += tally[first + k];
    sums[digit] = sum;
    barrier();
    uint before = 0u;
    for (uint k = 0u; k < digit; ++k) before += sums[k];
    for (uint k = 0u; k < uint(CHUNKS); ++k) {
        uint here = tally[first + k];
        tally[first + k] = before;
        before += here;
    }
}
