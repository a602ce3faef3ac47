#pragma once

#include "app/draw/plane.h"

#include <cstdint>
#include <vector>

namespace ebm::draw {

/// A picture to draw on: RGBA8 framebuffer object, shown by window::texture(name(), size).
class Offscreen {
public:
    Offscreen() = default;
    ~Offscreen();
    Offscreen(const Offscreen&) = delete;
    Offscreen& operator=(const Offscreen&) = delete;

    /// Until end(): everything is drawn here, in coordinates of `plane`, with premultiplied blending. The
    /// picture is resized if needed (sizes in pixels, at least 1) and cleared. Returns false without
    /// graphics: then skip the drawing and end().
    bool begin(int width, int height, Color background);
    /// Gives drawing back to the framebuffer that was bound before.
    void end();

    unsigned name() const { return texture_; } ///< 0 before the first begin()
    int width() const { return width_; }
    int height() const { return height_; }
    /// RGBA, row 0 at the top.
    std::vector<std::uint8_t> read_pixels() const;

private:
    unsigned texture_ = 0, framebuffer_ = 0;
    int width_ = 0, height_ = 0;
    int previous_framebuffer_ = 0, previous_viewport_[4] = {};
};

} // namespace ebm::draw
