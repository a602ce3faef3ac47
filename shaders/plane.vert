#version 330 core
// A rectangle of the plane, as a strip of four vertices.
uniform vec4 view;   // low x, low y, high x, high y
uniform vec4 extent; // of the rectangle
out vec2 at;         // 0 … 1 inside the rectangle

void main() {
    at = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 position = mix(extent.xy, extent.zw, at);
    gl_Position = vec4((position - view.xy) / (view.zw - view.xy) * 2.0 - 1.0, 0.0, 1.0);
}
