#version 330 core
// One-pixel lines; the vertex number tells the age.
uniform vec4 view;
uniform int chains;
uniform int steps;
layout(location = 0) in vec2 position;
out float youth; // 0 oldest … 1 newest

void main() {
    gl_Position = vec4((position - view.xy) / (view.zw - view.xy) * 2.0 - 1.0, 0.0, 1.0);
    youth = float(gl_VertexID / chains) / float(max(steps - 1, 1));
}
