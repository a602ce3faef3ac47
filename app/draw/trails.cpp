#include "app/draw/trails.h"

#include "app/draw/gl.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::draw {
namespace {

constexpr std::size_t most_soft_segments = 20000;

struct Pixels {
    std::uint8_t* cover;
    int width;
};

/// Moves the ends into the picture [Liang and Barsky 1984]; false if nothing of the segment is in it.
bool clip(float& x0, float& y0, float& x1, float& y1, float width, float height) {
    const float dx = x1 - x0, dy = y1 - y0;
    float from = 0, to = 1;
    const auto keep = [&](float speed, float distance) { // where speed · t ≤ distance
        if (speed == 0) return distance >= 0;
        const float t = distance / speed;
        if (speed < 0) from = std::max(from, t);
        if (speed > 0) to = std::min(to, t);
        return from <= to;
    };
    if (!keep(-dx, x0) || !keep(dx, width - x0) || !keep(-dy, y0) || !keep(dy, height - y0)) return false;
    x1 = x0 + to * dx, y1 = y0 + to * dy;
    x0 += from * dx, y0 += from * dy;
    return true;
}

/// Sets the pixels of a segment whose ends lie in [0, width) × [0, height), at most 32,767 wide and high.
void set_pixels(Pixels& pixels, float x0, float y0, float x1, float y1, std::uint8_t value) {
    constexpr float one = 65536; // of a number with 16 bits after the point
    int x = static_cast<int>(x0 * one), y = static_cast<int>(y0 * one);
    const int dx = static_cast<int>(x1 * one) - x, dy = static_cast<int>(y1 * one) - y;
    const int count = std::max(1, (std::max(std::abs(dx), std::abs(dy)) + (1 << 15)) >> 16);
    const int step_x = dx / count, step_y = dy / count;
    for (int i = 0; i <= count; ++i, x += step_x, y += step_y)
        pixels.cover[(y >> 16) * pixels.width + (x >> 16)] = value;
}

} // namespace

Trails::~Trails() {
    if (!vertex_array_ || !has_graphics()) return;
    glDeleteVertexArrays(1, &vertex_array_);
    glDeleteTextures(1, &texture_);
}

void Trails::set(std::span<const float> positions, int steps, int chains, float jump) {
    steps_ = steps;
    chains_ = chains;
    segments_.clear();
    const std::size_t needed =
        static_cast<std::size_t>(std::max(steps, 0)) * static_cast<std::size_t>(std::max(chains, 0)) * 2;
    if (positions.size() < needed || steps < 2) return points_.clear();
    points_.assign(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(needed));
    const float most = jump > 0 ? jump * jump : std::numeric_limits<float>::max();
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
    if (segments_.size() / 2 <= most_soft_segments)
        draw_few(target, view, style);
    else
        draw_many(target, view, style);
}

void Trails::draw_few(const Offscreen& target, const Plane& view, const Style& style) {
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

void Trails::create_texture(int width, int height) {
    if (!vertex_array_) {
        glGenVertexArrays(1, &vertex_array_);
        glGenTextures(1, &texture_);
    }
    glBindTexture(GL_TEXTURE_2D, texture_);
    if (width == texture_width_ && height == texture_height_) return;
    texture_width_ = width, texture_height_ = height;
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, width, height, 0, GL_RED, GL_UNSIGNED_BYTE, nullptr);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
}

void Trails::draw_many(const Offscreen& target, const Plane& view, const Style& style) {
    const int width = target.width(), height = target.height();
    const float w = static_cast<float>(width), h = static_cast<float>(height);
    const float scale_x = w / (view.high_x - view.low_x), scale_y = h / (view.high_y - view.low_y);
    cover_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
    pixels_.resize(points_.size());
    for (std::size_t i = 0; i < points_.size(); i += 2) {
        pixels_[i] = (points_[i] - view.low_x) * scale_x;
        pixels_[i + 1] = (points_[i + 1] - view.low_y) * scale_y;
    }
    Pixels pixels{cover_.data(), width};
    const auto inside = [&](float x, float y) { return x >= 0 && x < w && y >= 0 && y < h; };
    std::uint32_t row_end = 0; // of the older ends
    std::uint8_t value = 0;
    for (std::size_t i = 0; i < segments_.size(); i += 2) {
        const std::uint32_t from = segments_[i], to = segments_[i + 1];
        if (from >= row_end) {
            const std::uint32_t row = from / static_cast<std::uint32_t>(chains_);
            row_end = (row + 1) * static_cast<std::uint32_t>(chains_);
            const float youth = static_cast<float>(row + 1) / static_cast<float>(steps_ - 1);
            value = static_cast<std::uint8_t>(255 * youth * youth);
        }
        float x0 = pixels_[2 * from], y0 = pixels_[2 * from + 1], x1 = pixels_[2 * to],
              y1 = pixels_[2 * to + 1];
        if (!inside(x0, y0) || !inside(x1, y1)) {
            if (!clip(x0, y0, x1, y1, w, h)) continue;
            for (float* x : {&x0, &x1})
                *x = std::clamp(*x, 0.0f, w - 0.5f);
            for (float* y : {&y0, &y1})
                *y = std::clamp(*y, 0.0f, h - 0.5f);
        }
        set_pixels(pixels, x0, y0, x1, y1, value);
    }
    create_texture(width, height);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, GL_RED, GL_UNSIGNED_BYTE, cover_.data());
    glBindVertexArray(vertex_array_);
    program_.use("trails.vert", "trails.frag");
    program_.set("cover", 0);
    Color color = style.color;
    color.a *= style.opacity;
    program_.set("color", color);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

} // namespace ebm::draw
