#include "app/draw/points.h"

#include "app/draw/gl.h"

#include <algorithm>

namespace ebm::draw {
namespace {

template <class T>
void upload(GLenum target, GLuint buffer, std::span<const T> values) {
    glBindBuffer(target, buffer);
    glBufferData(target, static_cast<GLsizeiptr>(values.size_bytes()), values.data(), GL_STREAM_DRAW);
}

} // namespace

PointCloud::~PointCloud() {
    if (!vertex_array_ || !has_graphics()) return;
    glDeleteVertexArrays(1, &vertex_array_);
    glDeleteBuffers(1, &positions_);
    glDeleteBuffers(1, &colors_);
}

void PointCloud::set(std::span<const float> positions, std::span<const std::uint32_t> colors) {
    count_ = static_cast<int>(positions.size() / 2);
    colored_ = !colors.empty() && colors.size() >= static_cast<std::size_t>(count_);
    if (!has_graphics()) return;
    if (!vertex_array_) {
        glGenVertexArrays(1, &vertex_array_);
        glGenBuffers(1, &positions_);
        glGenBuffers(1, &colors_);
    }
    glBindVertexArray(vertex_array_);
    upload(GL_ARRAY_BUFFER, positions_, positions);
    glEnableVertexAttribArray(0);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, nullptr);
    if (colored_) {
        upload(GL_ARRAY_BUFFER, colors_, colors);
        glEnableVertexAttribArray(1);
        glVertexAttribPointer(1, 4, GL_UNSIGNED_BYTE, GL_TRUE, 0, nullptr);
    } else {
        glDisableVertexAttribArray(1);
    }
    glBindVertexArray(0);
}

void PointCloud::draw(const Offscreen& target, const Plane& view, const Style& style) {
    if (count_ == 0 || !vertex_array_) return;
    program_.use("points.vert", "points.frag");
    program_.set("view", view);
    program_.set("size", target.density() * (style.size + 2 * style.outline));
    program_.set("outline", target.density() * style.outline);
    program_.set("outline_color", style.outline_color);
    program_.set("opacity", style.opacity);
    glEnable(GL_PROGRAM_POINT_SIZE);
    glBindVertexArray(vertex_array_);
    if (!colored_) glVertexAttrib4f(1, style.color.r, style.color.g, style.color.b, style.color.a);
    glDrawArrays(GL_POINTS, 0, count_);
}

} // namespace ebm::draw
