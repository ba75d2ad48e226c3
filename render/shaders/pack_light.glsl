// Light up to BRIGHTEST as three 10-bit square roots, so that dark colours keep their steps.

uint pack_light(vec3 c) {
    uvec3 q = uvec3(sqrt(clamp(c / float(BRIGHTEST), 0.0, 1.0)) * 1023.0 + 0.5);
    return q.r | q.g << 10 | q.b << 20;
}
