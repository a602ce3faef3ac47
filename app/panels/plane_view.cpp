#include "app/panels/plane_view.h"

#include <algorithm>
#include <cmath>

namespace ebm::panels {

void PlaneView::set_screen(double left, double top, double width, double height) {
    left_ = left;
    top_ = top;
    width_ = std::max(1.0, width);
    height_ = std::max(1.0, height);
}

Vec2 PlaneView::to_screen(Vec2 plane) const {
    return {left_ + width_ / 2 + (plane.x - centre_.x) / unit(),
            top_ + height_ / 2 - (plane.y - centre_.y) / unit()};
}

Vec2 PlaneView::to_plane(Vec2 screen) const {
    return {centre_.x + (screen.x - left_ - width_ / 2) * unit(),
            centre_.y - (screen.y - top_ - height_ / 2) * unit()};
}

void PlaneView::pan(double dx, double dy) {
    centre_.x -= dx * unit();
    centre_.y += dy * unit();
}

void PlaneView::zoom(double factor, Vec2 screen) {
    const Vec2 before = to_plane(screen);
    half_ = std::clamp(half_ / factor, 1e-4, 1e4);
    const Vec2 after = to_plane(screen);
    centre_.x += before.x - after.x;
    centre_.y += before.y - after.y;
}

void PlaneView::look_at(Vec2 centre, double half) {
    centre_ = centre;
    half_ = std::clamp(half, 1e-4, 1e4);
}

void PlaneView::frame(std::span<const float> points) {
    if (points.size() < 2) return;
    double low_x = points[0], high_x = points[0], low_y = points[1], high_y = points[1];
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
        low_x = std::min<double>(low_x, points[i]);
        high_x = std::max<double>(high_x, points[i]);
        low_y = std::min<double>(low_y, points[i + 1]);
        high_y = std::max<double>(high_y, points[i + 1]);
    }
    // The half extents that each axis needs, brought to the smaller side of the screen.
    const double need_x = (high_x - low_x) / 2 * smaller_side() / width_;
    const double need_y = (high_y - low_y) / 2 * smaller_side() / height_;
    look_at({(low_x + high_x) / 2, (low_y + high_y) / 2}, 1.2 * std::max({need_x, need_y, 1e-3}));
}

lab::Rect PlaneView::visible(double margin) const {
    const double half_width = width_ / 2 * unit() * (1 + 2 * margin);
    const double half_height = height_ / 2 * unit() * (1 + 2 * margin);
    return {centre_.x - half_width, centre_.y - half_height, centre_.x + half_width, centre_.y + half_height};
}

bool alike(const lab::Rect& a, const lab::Rect& b, double tolerance) {
    const double size = std::max(a.high_x - a.low_x, a.high_y - a.low_y) * tolerance;
    return std::fabs(a.low_x - b.low_x) < size && std::fabs(a.low_y - b.low_y) < size &&
           std::fabs(a.high_x - b.high_x) < size && std::fabs(a.high_y - b.high_y) < size;
}

} // namespace ebm::panels
