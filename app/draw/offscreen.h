#pragma once

#include "app/draw/plane.h"

#include <cstdint>
#include <vector>

namespace ebm::draw {

/// How many pixels each picture that is drawn from now on has for one of its lengths, in both directions: 1,
/// or more while a frame is drawn for a file. What is drawn keeps its size and gets sharper.
void set_density(float density);

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
    /// As asked for in begin(); there are density() pixels for each.
    int width() const { return width_; }
    int height() const { return height_; }
    float density() const { return density_; }
    int pixels_wide() const { return pixels_wide_; }
    int pixels_high() const { return pixels_high_; }
    /// RGBA, row 0 at the top, pixels_wide() × pixels_high().
    std::vector<std::uint8_t> read_pixels() const;

private:
    unsigned texture_ = 0, framebuffer_ = 0;
    int width_ = 0, height_ = 0;
    int pixels_wide_ = 0, pixels_high_ = 0;
    float density_ = 1;
    int previous_framebuffer_ = 0, previous_viewport_[4] = {};
};

} // namespace ebm::draw
