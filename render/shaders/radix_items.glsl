// The items that a pass counts. In PASS 0 they are made here, and kept in `source`: 16-bit keys of the distance from
// the head, over the avatar's own range of distances. Distance, not depth: turning the head then changes no key.

#if PASS == 0
layout(std430, binding = 1) writeonly buffer Source { uint source[]; };
layout(std430, binding = 2) readonly buffer World { uvec4 world[]; };

uniform vec3 head;
uniform float nearest;
uniform float per_metre;   // keys a metre
#else
layout(std430, binding = 1) readonly buffer Source { uint source[]; };
#endif

uint item(uint i) {
#if PASS == 0
    float d = distance(uintBitsToFloat(world[i * 3u].xyz), head);
    uint key = uint(clamp((d - nearest) * per_metre, 0.0, 65535.0));
    source[i] = key;
    return key;
#else
    return source[i];
#endif
}
