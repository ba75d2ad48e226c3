// How much of the light of an open sky reaches each place of the floor beneath a body of balls.
//
// A ball hides radiance(towards it) * cos * pi sin^2 of the irradiance, sin its radius by its distance (the disc that
// it covers; as A. Iwanicki, "Lighting technology of The Last of Us", SIGGRAPH 2013). Balls hide independently.

uniform vec4 balls[MOST];     // centres and radii, metres, the floor at y = 0
uniform int count;
uniform vec2 centre;          // of the map, x and z
uniform float reach;          // from there to its edges
uniform vec2 size;            // of the map, pixels
#if KEY
uniform vec4 key;             // where the strongest light comes from, and how sharply
uniform vec3 powers;          // of it, of the sky above and of the sky at the horizon, by the whole irradiance
#endif

layout(location = 0) out vec4 reaching;

void main() {
    vec2 place = centre + reach * (2.0 * gl_FragCoord.xy / size - 1.0);
    float light = 1.0;
    for (int i = 0; i < count; ++i) {
        vec4 ball = balls[i];
        vec3 toward = ball.xyz - vec3(place.x, 0.0, place.y);
        toward.y = max(toward.y, ball.w);   // a ball that reaches into the floor lies on it
        float near = 1.0 / dot(toward, toward);
        vec3 direction = toward * sqrt(near);
#if KEY
        float radiance = mix(powers.z, powers.y, direction.y) + powers.x * exp(key.w * (dot(direction, key.xyz) - 1.0));
#else
        const float radiance = 0.31830989;
#endif
        float hidden = radiance * direction.y * 3.14159265 * min(ball.w * ball.w * near, 1.0);
        light *= 1.0 - min(hidden, 1.0);
    }
    // Nothing ends at the map's edge.
    float away = length(place - centre) / reach;
    reaching = vec4(mix(light, 1.0, smoothstep(0.6, 1.0, away)));
}
