#version 330 core
// Lines of some width as triangles that the program has laid out in pixels.
uniform vec2 size; // of the picture, pixels
layout(location = 0) in vec2 position;
layout(location = 1) in vec3 stroke; // across, half width, alpha
out vec3 ribbon;

void main() {
    gl_Position = vec4(position / size * 2.0 - 1.0, 0.0, 1.0);
    ribbon = stroke;
}
