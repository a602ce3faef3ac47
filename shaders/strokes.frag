#version 330 core
uniform vec4 color;
uniform float density; // pixels for one of those that the program has laid out
in vec3 ribbon;
out vec4 pixel;

void main() {
    float cover = clamp((ribbon.y - abs(ribbon.x)) * density + 0.5, 0.0, 1.0);
    float alpha = color.a * ribbon.z * cover;
    pixel = vec4(color.rgb * alpha, alpha);
}
