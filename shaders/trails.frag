#version 330 core
uniform vec4 color;
in float youth;
out vec4 pixel;

void main() {
    float alpha = color.a * youth * youth;
    pixel = vec4(color.rgb * alpha, alpha);
}
