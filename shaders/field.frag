#version 330 core
// Grid of numbers → colour map and isocontours.
uniform sampler2D values;
uniform sampler2D colors;
uniform float low;
uniform float high;
uniform float bright_low; // 1: the map's last colour is at `low`
uniform int density;
uniform float density_offset;
uniform float density_factor;
uniform float contour_spacing;
uniform float contour_width;
uniform vec4 contour_color;
uniform float contour_contrast;
uniform float opacity;
in vec2 at;
out vec4 pixel;

void main() {
    float value = texture(values, at).r;
    bool known = !isnan(value) && abs(value) < 1e30;
    if (density != 0) value = exp(min(density_offset - density_factor * value, 80.0));
    float bottom = density != 0 ? 0.0 : low;
    float t = clamp((value - bottom) / max(high - bottom, 1e-20), 0.0, 1.0);
    if (density == 0) t = mix(t, 1.0 - t, bright_low);
    vec3 color = texture(colors, vec2((t * 255.0 + 0.5) / 256.0, 0.5)).rgb;
    if (contour_spacing > 0.0) {
        float level = value / contour_spacing;
        float step_per_pixel = max(fwidth(level), 1e-12);
        float pixels = abs(fract(level - 0.5) - 0.5) / step_per_pixel;
        float line = 1.0 - smoothstep(contour_width * 0.5 - 0.5, contour_width * 0.5 + 0.5, pixels);
        line *= 1.0 - smoothstep(0.15, 0.4, step_per_pixel); // where lines would touch they fade out
        if (density != 0) line *= step(0.5, level); // density 0 is an area, not a line
        if (density == 0) line *= 1.0 - 0.75 * smoothstep(high, high + 0.3 * (high - low), value); // and past the colours
        vec3 ink = contour_color.rgb;
        if (contour_contrast > 0.5)
            ink = mix(vec3(1.0), vec3(0.0), smoothstep(0.25, 0.55, dot(color, vec3(0.3, 0.6, 0.1))));
        color = mix(color, ink, line * contour_color.a);
    }
    pixel = known ? vec4(color, 1.0) * opacity : vec4(0.0);
}
