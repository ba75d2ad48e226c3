// What the steps of a radix pass share: the chunks, the digit of an item, and what becomes of it.
// The list is cut into contiguous chunks, which are counted, and then scattered in the order of the chunks: that keeps
// equal keys in order. PASS 0 sorts 16-bit keys by their low byte and writes (high byte << 24 | index);
// PASS 1 sorts those by the high byte and writes plain indices. `tally` holds [digit * chunks + chunk], then the 256
// digits' own sums.

uniform uint count;
uniform uint chunks;

uint digit_of(uint value) {
#if PASS == 0
    return value & 255u;
#else
    return value >> 24;
#endif
}

uint moved(uint value, uint i) {
#if PASS == 0
    return (value >> 8) << 24 | i;
#else
    return value & 0xffffffu;
#endif
}

uvec2 chunk_range(uint chunk) {
    uint length = (count + chunks - 1u) / chunks;
    return min(uvec2(chunk, chunk + 1u) * length, uvec2(count));
}
