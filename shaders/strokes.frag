#version 330 core
uniform vec4 color;
in vec3 ribbon;
out vec4 pixel;

void main() {
    float cover = clamp(ribbon.y - abs(ribbon.x) + 0.5, 0.0, 1.0);
    float alpha = color.a * ribbon.z * cover;
    pixel = vec4(color.rgb * alpha, alpha);
}
