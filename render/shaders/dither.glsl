// Noise against the steps of eight bits: as evenly spread over pixels as over values (J. Jimenez, "Next generation
// post processing in Call of Duty: Advanced Warfare", SIGGRAPH 2014).

float noise() {
    return fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5;
}

// Light, nearly grey, that will be encoded as sRGB, moved by about half a step of that at most.
vec3 dithered(vec3 light) {
    return max(light + (2.0 / 255.0) * noise() * sqrt(light.g), 0.0);
}
