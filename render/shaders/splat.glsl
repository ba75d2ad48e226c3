// A splat's centre in one word, as shares of the image from its bottom left. Evenly spaced up to a quarter of the image
// beyond its edges, at 1/32767 of it; farther out, where only large splats still reach in, 13 times as coarse.

const float EVEN = 0.75;     // from the image's middle
const float COARSE = 12.0;
const float FARTHEST = EVEN + (1.0 - EVEN) * (1.0 + COARSE);

bool out_of_range(vec2 centre) {
    return any(greaterThan(abs(centre - 0.5), vec2(FARTHEST)));
}

uint pack_centre(vec2 centre) {
    vec2 u = centre - 0.5;
    vec2 even = clamp(u, -EVEN, EVEN);
    return packSnorm2x16(even + (u - even) / (1.0 + COARSE));
}

vec2 unpack_centre(uint word) {
    vec2 u = unpackSnorm2x16(word);
    return 0.5 + u + COARSE * (u - clamp(u, -EVEN, EVEN));
}
