// Blends Gaussians that are nowhere in memory into columns of pixels in registers: what tiles.glsl would reach if its
// lists cost nothing and no tile ended early.

layout(local_size_x = 64) in;

layout(std430, binding = 0) writeonly buffer Sums { float sums[]; };

uniform uint turns;
uniform vec4 conic;   // xx xy yy, log2 opacity

void main() {
    float left[8];
    vec3 colour[8];
    for (int r = 0; r < 8; ++r) {
        left[r] = 1.0;
        colour[r] = vec3(0.0);
    }
    float column = float(gl_GlobalInvocationID.x & 7u) * 0.125;
    for (uint j = 0u; j < turns; ++j) {
        vec2 d = vec2(column, 0.0) - vec2(float(j & 15u), float(j >> 4 & 15u)) * 0.0625;
        float x = conic.w + conic.x * d.x * d.x;
        float b = conic.y * d.x;
        vec3 c = vec3(d, conic.z);
        for (int r = 0; r < 8; ++r) {
            float y = d.y + float(r) * 0.125;
            float exponent = x + y * (b + conic.z * y);
            float a = exponent > -7.994353436858858 ? exp2(exponent) : 0.0;
            float weight = a * left[r];
            colour[r] += weight * c;
            left[r] -= weight;
        }
    }
    float sum = 0.0;
    for (int r = 0; r < 8; ++r) sum += left[r] + colour[r].x + colour[r].y + colour[r].z;
    sums[gl_GlobalInvocationID.x] = sum;
}
