#version 330 core
// A disc with an outline, edges one pixel soft.
uniform float size;
uniform float outline;
uniform vec4 outline_color;
uniform float opacity;
in vec4 fill;
out vec4 pixel;

void main() {
    float radius = length(gl_PointCoord - 0.5) * (size + 1.0);
    float outer = size * 0.5;
    float cover = clamp(outer - radius + 0.5, 0.0, 1.0);
    if (cover <= 0.0) discard;
    float ring = outline > 0.0 ? clamp(radius - (outer - outline) + 0.5, 0.0, 1.0) : 0.0;
    vec4 color = mix(fill, vec4(outline_color.rgb, outline_color.a * fill.a), ring);
    float alpha = color.a * cover * opacity;
    pixel = vec4(color.rgb * alpha, alpha);
}
