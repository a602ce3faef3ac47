#include "app/window/recording.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace ebm::window {

Recording::Recording(std::filesystem::path path, ImVec2 low, ImVec2 high)
    : path_(std::move(path)), low_(low), high_(high),
      animation_(store::in_background(store::open_animation(path_, pictures_per_second))) {}

bool Recording::take(Display& display, double now) {
    if (began_ < 0) began_ = now;
    if (now < began_ + seconds()) return true;
    Pixels pixels = display.read_pixels();
    if (pixels.rgba.empty()) return true;
    if (pictures_ == 0) size_ = {pixels.width, pixels.height};
    if (size_ != Size{pixels.width, pixels.height}) return false;
    if (high_.x > low_.x) pixels = part_of(pixels, low_, high_);
    const store::Image picture{pixels.width, pixels.height, 4, std::move(pixels.rgba)};
    while (now >= began_ + seconds()) {
        animation_->add(picture);
        ++pictures_;
    }
    return true;
}

void Recording::finish() {
    rest_ = std::async(std::launch::async, [animation = animation_.get()] { animation->finish(); });
}

bool Recording::is_written() const {
    return rest_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void Recording::wait() {
    rest_.get();
}

double Recording::written() const {
    return pictures_ == 0 ? 1 : 1 - static_cast<double>(animation_->waiting()) / pictures_;
}

void Recording::discard() {
    animation_->discard();
}

Pixels part_of(const Pixels& whole, ImVec2 low, ImVec2 high) {
    const auto inside = [](float at, int most) {
        return std::clamp(static_cast<int>(std::lround(at)), 0, most);
    };
    const int left = inside(low.x, whole.width - 1), top = inside(low.y, whole.height - 1);
    Pixels part{
        std::max(1, inside(high.x, whole.width) - left), std::max(1, inside(high.y, whole.height) - top), {}};
    for (int row = top; row < top + part.height; ++row) {
        const auto from = whole.rgba.begin() + (static_cast<std::ptrdiff_t>(row) * whole.width + left) * 4;
        part.rgba.insert(part.rgba.end(), from, from + static_cast<std::ptrdiff_t>(part.width) * 4);
    }
    return part;
}

} // namespace ebm::window
