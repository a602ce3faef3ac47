#include "app/draw/strokes.h"

#include "app/draw/gl.h"

#include <cmath>
#include <cstddef>

namespace ebm::draw {

Strokes::~Strokes() {
    if (!vertex_array_ || !has_graphics()) return;
    glDeleteVertexArrays(1, &vertex_array_);
    glDeleteBuffers(1, &buffer_);
}

void Strokes::line(float x0, float y0, float x1, float y1, float width, float alpha0, float alpha1) {
    const float along_x = x1 - x0, along_y = y1 - y0;
    const float length = std::sqrt(along_x * along_x + along_y * along_y);
    if (!(length > 1e-3f)) return;
    const float half = width / 2, reach = half + 1;
    const float across_x = -along_y / length * reach, across_y = along_x / length * reach;
    const Vertex a{x0 + across_x, y0 + across_y, reach, half, alpha0};
    const Vertex b{x0 - across_x, y0 - across_y, -reach, half, alpha0};
    const Vertex c{x1 + across_x, y1 + across_y, reach, half, alpha1};
    const Vertex d{x1 - across_x, y1 - across_y, -reach, half, alpha1};
    vertices_.insert(vertices_.end(), {a, b, c, c, b, d});
}

void Strokes::triangle(float x0, float y0, float x1, float y1, float x2, float y2, float alpha) {
    vertices_.insert(vertices_.end(), {{x0, y0, 0, 1, alpha}, {x1, y1, 0, 1, alpha}, {x2, y2, 0, 1, alpha}});
}

void Strokes::draw(const Offscreen& target, Color color) {
    if (vertices_.empty() || !has_graphics()) return;
    if (!vertex_array_) {
        glGenVertexArrays(1, &vertex_array_);
        glGenBuffers(1, &buffer_);
        glBindVertexArray(vertex_array_);
        glBindBuffer(GL_ARRAY_BUFFER, buffer_);
        glEnableVertexAttribArray(0);
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, sizeof(Vertex), nullptr);
        glEnableVertexAttribArray(1);
        glVertexAttribPointer(1, 3, GL_FLOAT, GL_FALSE, sizeof(Vertex),
                              reinterpret_cast<const void*>(offsetof(Vertex, across)));
    }
    program_.use("strokes.vert", "strokes.frag");
    program_.set("size", static_cast<float>(target.width()), static_cast<float>(target.height()));
    program_.set("density", target.density());
    program_.set("color", color);
    glBindVertexArray(vertex_array_);
    glBindBuffer(GL_ARRAY_BUFFER, buffer_);
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(vertices_.size() * sizeof(Vertex)),
                 vertices_.data(), GL_STREAM_DRAW);
    glDrawArrays(GL_TRIANGLES, 0, static_cast<GLsizei>(vertices_.size()));
}

} // namespace ebm::draw
