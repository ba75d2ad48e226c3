// The items that a pass counts. In PASS 0 they are made here, and kept in `source`: 16-bit keys of the distance from
// the head, over the avatar's own range of distances. Distance, not depth: turning the head then changes no key.
// The bits of a positive float, read as a number, are its logarithm in straight pieces: finer where it is nearer, and
// the same on every GPU. So the sky behind a scene costs what stands before it none of its order.

#if PASS == 0
layout(std430, binding = 1) writeonly buffer Source { uint source[]; };
layout(std430, binding = 2) readonly buffer World { uvec4 world[]; };

uniform vec3 head;
uniform uint nearest;    // metres, the bits of a float
uniform float per_bit;   // keys a bit
#else
layout(std430, binding = 1) readonly buffer Source { uint source[]; };
#endif

uint item(uint i) {
#if PASS == 0
    uint bits = floatBitsToUint(distance(uintBitsToFloat(world[i * 3u].xyz), head));
    uint key = uint(min(float(max(bits, nearest) - nearest) * per_bit, 65535.0));
    source[i] = key;
    return key;
#else
    return source[i];
#endif
}
