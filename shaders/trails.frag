#version 330 core
// One texel of `cover` a pixel.
uniform sampler2D cover;
uniform vec4 color;
out vec4 pixel;

void main() {
    float alpha = color.a * texelFetch(cover, ivec2(gl_FragCoord.xy), 0).r;
    pixel = vec4(color.rgb * alpha, alpha);
}
