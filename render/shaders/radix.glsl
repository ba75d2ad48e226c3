// What the two halves of a radix pass share: who reads what, and the digit of an item.
// The list is cut into CHUNKS contiguous chunks, one invocation each; each counts and scatters its own chunk in order,
// which keeps equal keys in order without atomics. PASS 0 reads 16-bit keys and writes (high byte << 24 | index);
// PASS 1 reads those and writes plain indices.

layout(local_size_x = 8) in;

layout(std430, binding = 0) readonly buffer Source { uint source[]; };
layout(std430, binding = 1) buffer Tally { uint tally[]; };   // [digit * CHUNKS + chunk]

uniform uint count;

uint digit_of(uint value) {
#if PASS == 0
    return value & 255u;
#else
    return value >> 24;
#endif
}

uvec2 chunk_of(uint chunk) {
    uint length = (count + uint(CHUNKS) - 1u) / uint(CHUNKS);
    return min(uvec2(chunk, chunk + 1u) * length, uvec2(count));
}
