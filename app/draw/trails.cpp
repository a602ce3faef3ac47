#include "app/draw/trails.h"

#include "app/draw/gl.h"

#include <cmath>

namespace ebm::draw {
namespace {

/// Above this many segments lines are one pixel wide, which costs a tenth.
constexpr std::size_t most_wide_segments = 20000;

} // namespace

Trails::~Trails() {
    if (!vertex_array_ || !has_graphics()) return;
    glDeleteVertexArrays(1, &vertex_array_);
    glDeleteBuffers(1, &positions_);
    glDeleteBuffers(1, &elements_);
}

void Trails::set(std::span<const float> positions, int steps, int chains, float jump) {
    steps_ = steps;
    chains_ = chains;
    uploaded_ = false;
    segments_.clear();
    const std::size_t needed =
        static_cast<std::size_t>(std::max(steps, 0)) * static_cast<std::size_t>(std::max(chains, 0)) * 2;
    if (positions.size() < needed || steps < 2) return points_.clear();
    points_.assign(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(needed));
    const float most = jump > 0 ? jump * jump : INFINITY;
    const auto count = static_cast<std::uint32_t>(chains);
    segments_.reserve(needed);
    for (std::uint32_t from = 0; from + count < needed / 2; ++from) {
        const std::uint32_t to = from + count;
        const float dx = points_[2 * to] - points_[2 * from],
                    dy = points_[2 * to + 1] - points_[2 * from + 1];
        if (!(dx * dx + dy * dy <= most)) continue;
        segments_.push_back(from);
        segments_.push_back(to);
    }
}

void Trails::draw(const Offscreen& target, const Plane& view, const Style& style) {
    if (segments_.empty() || !has_graphics()) return;
    if (segments_.size() / 2 <= most_wide_segments)
        draw_wide(target, view, style);
    else
        draw_thin(view, style);
}

void Trails::draw_wide(const Offscreen& target, const Plane& view, const Style& style) {
    const float scale_x = static_cast<float>(target.width()) / (view.high_x - view.low_x);
    const float scale_y = static_cast<float>(target.height()) / (view.high_y - view.low_y);
    const auto alpha = [&](std::uint32_t point) {
        const float youth =
            static_cast<float>(point / static_cast<std::uint32_t>(chains_)) / static_cast<float>(steps_ - 1);
        return youth * youth;
    };
    strokes_.clear();
    for (std::size_t i = 0; i < segments_.size(); i += 2) {
        const std::uint32_t from = segments_[i], to = segments_[i + 1];
        strokes_.line((points_[2 * from] - view.low_x) * scale_x,
                      (points_[2 * from + 1] - view.low_y) * scale_y,
                      (points_[2 * to] - view.low_x) * scale_x, (points_[2 * to + 1] - view.low_y) * scale_y,
                      style.width, alpha(from), alpha(to));
    }
    Color color = style.color;
    color.a *= style.opacity;
    strokes_.draw(target, color);
}

void Trails::draw_thin(const Plane& view, const Style& style) {
    if (!vertex_array_) {
        glGenVertexArrays(1, &vertex_array_);
        glGenBuffers(1, &positions_);
        glGenBuffers(1, &elements_);
    }
    glBindVertexArray(vertex_array_);
    if (!uploaded_) {
        glBindBuffer(GL_ARRAY_BUFFER, positions_);
        glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(points_.size() * sizeof(float)), points_.data(),
                     GL_STREAM_DRAW);
        glEnableVertexAttribArray(0);
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, nullptr);
        glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, elements_);
        glBufferData(GL_ELEMENT_ARRAY_BUFFER,
                     static_cast<GLsizeiptr>(segments_.size() * sizeof(std::uint32_t)), segments_.data(),
                     GL_STREAM_DRAW);
        uploaded_ = true;
    }
    program_.use("trails.vert", "trails.frag");
    program_.set("view", view);
    program_.set("chains", chains_);
    program_.set("steps", steps_);
    Color color = style.color;
    color.a *= style.opacity;
    program_.set("color", color);
    glDrawElements(GL_LINES, static_cast<GLsizei>(segments_.size()), GL_UNSIGNED_INT, nullptr);
}

} // namespace ebm::draw
