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

    struct Style {
        float width = 1.5f; ///< pixels; many trails (above 20,000 segments) are drawn 1 px wide
        Color color;
        float opacity = 0.6f; ///< of the newest segment
    };
    void draw(const Offscreen& target, const Plane& view, const Style& style);

private:
    void draw_wide(const Offscreen& target, const Plane& view, const Style& style);
    void draw_thin(const Plane& view, const Style& style);

    Program program_;
    Strokes strokes_;
    std::vector<float> points_;
    std::vector<std::uint32_t> segments_; ///< pairs of point numbers
    unsigned vertex_array_ = 0, positions_ = 0, elements_ = 0;
    int steps_ = 0, chains_ = 0;
    bool uploaded_ = false;
};

} // namespace ebm::draw
