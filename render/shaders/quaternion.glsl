// Unit quaternions (w, x, y, z) and how they are packed: four 16-bit parts in two words.

vec4 multiply(vec4 a, vec4 b) {
    return vec4(a.x * b.x - dot(a.yzw, b.yzw), a.x * b.yzw + b.x * a.yzw + cross(a.yzw, b.yzw));
}

vec4 conjugate(vec4 q) {
    return vec4(q.x, -q.yzw);
}

vec3 turn(vec4 q, vec3 v) {
    return v + 2.0 * cross(q.yzw, cross(q.yzw, v) + q.x * v);
}

mat3 matrix_of(vec4 q) {
    return mat3(turn(q, vec3(1.0, 0.0, 0.0)), turn(q, vec3(0.0, 1.0, 0.0)), turn(q, vec3(0.0, 0.0, 1.0)));
}

// Divides by the largest part, so that no part is lost to cancellation (Shepperd 1978).
vec4 quaternion_of(mat3 m) {
    float trace = m[0][0] + m[1][1] + m[2][2];
    vec4 q;
    if (trace > 0.0) {
        q = vec4(1.0 + trace, m[1][2] - m[2][1], m[2][0] - m[0][2], m[0][1] - m[1][0]);
    } else if (m[0][0] > m[1][1] && m[0][0] > m[2][2]) {
        q = vec4(m[1][2] - m[2][1], 1.0 + m[0][0] - m[1][1] - m[2][2], m[1][0] + m[0][1], m[2][0] + m[0][2]);
    } else if (m[1][1] > m[2][2]) {
        q = vec4(m[2][0] - m[0][2], m[1][0] + m[0][1], 1.0 + m[1][1] - m[0][0] - m[2][2], m[2][1] + m[1][2]);
    } else {
        q = vec4(m[0][1] - m[1][0], m[2][0] + m[0][2], m[2][1] + m[1][2], 1.0 + m[2][2] - m[0][0] - m[1][1]);
    }
    return normalize(q);
}

uvec2 pack_quaternion(vec4 q) {
    return uvec2(packSnorm2x16(q.xy), packSnorm2x16(q.zw));
}

vec4 unpack_quaternion(uvec2 p) {
    return normalize(vec4(unpackSnorm2x16(p.x), unpackSnorm2x16(p.y)));
}
