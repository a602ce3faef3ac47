#version 330 core
uniform vec4 view;
uniform float size; // diameter with outline, pixels
layout(location = 0) in vec2 position;
layout(location = 1) in vec4 color;
out vec4 fill;

void main() {
    gl_Position = vec4((position - view.xy) / (view.zw - view.xy) * 2.0 - 1.0, 0.0, 1.0);
    gl_PointSize = size + 1.0;
    fill = color;
}
