#pragma once

#include "app/draw/strokes.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ebm::draw {

/// The last T positions of N chains as lines that fade towards the oldest.
class Trails {
public:
    Trails() = default;
    ~Trails();
    Trails(const Trails&) = delete;
    Trails& operator=(const Trails&) = delete;

    /// positions: [steps][chains][2], oldest first; kept as a copy. A step longer than `jump` (plane units, 0
    /// = never) is not drawn: the chain was restarted or proposed far away.
    void set(std::span<const float> positions, int steps, int chains, float jump = 0);

    /// Few trails are soft-edged and add up where they cross. Above 20,000 segments they are one pixel wide
    /// and the newest hides the older, in time that a software renderer would need for a tenth of them.
    struct Style {
        float width = 1.5f; ///< pixels, of few trails
        Color color;
        float opacity = 0.6f; ///< of the newest segment
    };
    void draw(const Offscreen& target, const Plane& view, const Style& style);

private:
    void draw_few(const Offscreen& target, const Plane& view, const Style& style);
    void draw_many(const Offscreen& target, const Plane& view, const Style& style);
    void create_texture(int width, int height);

    Program program_;
    Strokes strokes_;
    std::vector<float> points_;
    std::vector<std::uint32_t> segments_; ///< pairs of point numbers
    std::vector<float> pixels_;           ///< of draw_many: the points in pixels
    std::vector<std::uint8_t> cover_;     ///< of draw_many, [height][width], row 0 at the bottom
    unsigned vertex_array_ = 0, texture_ = 0;
    int texture_width_ = 0, texture_height_ = 0;
    int steps_ = 0, chains_ = 0;
};

} // namespace ebm::draw
