#include "app/draw/arrows.h"

#include <algorithm>
#include <cmath>

namespace ebm::draw {

void Arrows::set(std::span<const float> starts, std::span<const float> vectors) {
    const std::size_t count = std::min(starts.size(), vectors.size()) / 2 * 2;
    starts_.assign(starts.begin(), starts.begin() + static_cast<std::ptrdiff_t>(count));
    vectors_.assign(vectors.begin(), vectors.begin() + static_cast<std::ptrdiff_t>(count));
}

void Arrows::draw(const Offscreen& target, const Plane& view, const Style& style) {
    if (style.outline > 0) {
        collect(target, view, style, style.outline);
        strokes_.draw(target, style.outline_color);
    }
    collect(target, view, style, 0);
    strokes_.draw(target, style.color);
}

void Arrows::collect(const Offscreen& target, const Plane& view, const Style& style, float outline) {
    const float pixels_x = static_cast<float>(target.width()) / (view.high_x - view.low_x);
    const float pixels_y = static_cast<float>(target.height()) / (view.high_y - view.low_y);
    strokes_.clear();
    for (std::size_t i = 0; i + 1 < starts_.size(); i += 2) {
        float x = vectors_[i] * style.scale, y = vectors_[i + 1] * style.scale;
        const float length = std::hypot(x, y);
        if (!std::isfinite(length) || length <= 0) continue;
        if (style.max_length > 0 && length > style.max_length) {
            x *= style.max_length / length;
            y *= style.max_length / length;
        }
        const float dx = x * pixels_x, dy = y * pixels_y, size = std::hypot(dx, dy);
        if (size < 1) continue;
        float from_x = (starts_[i] - view.low_x) * pixels_x,
              from_y = (starts_[i + 1] - view.low_y) * pixels_y;
        if (style.centred) {
            from_x -= dx / 2;
            from_y -= dy / 2;
        }
        const float ux = dx / size, uy = dy / size;
        // The tip of the outline lies further out, as far as its sides are steep.
        const float to_x = from_x + dx + 1.6f * outline * ux, to_y = from_y + dy + 1.6f * outline * uy;
        const float head = std::min(style.head, size) + 2.6f * outline;
        const float neck_x = to_x - ux * head, neck_y = to_y - uy * head,
                    half = head * 0.42f + 0.4f * outline;
        strokes_.line(from_x - outline * ux, from_y - outline * uy, neck_x, neck_y,
                      style.width + 2 * outline);
        strokes_.triangle(to_x, to_y, neck_x - uy * half, neck_y + ux * half, neck_x + uy * half,
                          neck_y - ux * half);
    }
}

} // namespace ebm::draw
