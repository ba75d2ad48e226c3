// Writes each item of a chunk to its place; a workgroup takes LOCAL items of its chunk a round, one a lane.
//
// The rank of an item among those of its digit must follow the order of the lanes, without subgroups, which not every
// device has: each lane sets its bit in a mask of its digit (the order in which they do cannot be seen), and counts
// the bits below its own. The last lane of a digit moves the digit's place on and clears the mask. Masks take turns,
// so that one round's may be cleared while the next round's are set.

layout(local_size_x = LOCAL) in;

#include "radix.glsl"
#include "group_scan.glsl"

layout(std430, binding = 0) readonly buffer Tally { uint tally[]; };
layout(std430, binding = 1) readonly buffer Source { uint source[]; };
layout(std430, binding = 2) writeonly buffer Target { uint target[]; };

const uint WORDS = uint(LOCAL) / 32u;
const uint DIGITS = 256u / uint(LOCAL);   // that each lane prepares

shared uint places[256];
shared uint masks[2u * 256u * WORDS];

void main() {
    uint chunk = gl_WorkGroupID.x, lane = gl_LocalInvocationID.x;
    uint sum = 0u;
    for (uint k = 0u; k < DIGITS; ++k) sum += tally[256u * chunks + lane * DIGITS + k];
    uint smaller = sum_before(lane, sum);
    for (uint digit = lane * DIGITS; digit < (lane + 1u) * DIGITS; ++digit) {
        places[digit] = smaller + tally[digit * chunks + chunk];
        smaller += tally[256u * chunks + digit];
    }
    for (uint k = lane; k < 2u * 256u * WORDS; k += uint(LOCAL)) masks[k] = 0u;
    meet();

    uvec2 range = chunk_range(chunk);
    uint word = lane / 32u, bit = lane % 32u, turn = 0u;
    for (uint first = range.x; first < range.y; first += uint(LOCAL)) {
        uint i = first + lane;
        bool there = i < range.y;
        uint value = 0u, digit = 0u, to = 0u, mask = 0u;
        bool last = false;
        if (there) {
            value = source[i];
            digit = digit_of(value);
            mask = (turn * 256u + digit) * WORDS;
            atomicOr(masks[mask + word], 1u << bit);
        }
        meet();
        if (there) {
            uint own = masks[mask + word];
            to = places[digit] + uint(bitCount(own & ((1u << bit) - 1u)));
            for (uint w = 0u; w < word; ++w) to += uint(bitCount(masks[mask + w]));
            last = own >> bit == 1u;
            for (uint w = word + 1u; w < WORDS; ++w) last = last && masks[mask + w] == 0u;
            target[to] = moved(value, i);
        }
        meet();
        if (last) {
            places[digit] = to + 1u;
            for (uint w = 0u; w < WORDS; ++w) masks[mask + w] = 0u;
        }
        turn = 1u - turn;
    }
}
