#pragma once

#include "app/draw/strokes.h"

#include <span>
#include <vector>

namespace ebm::draw {

/// Arrows of a vector field.
class Arrows {
public:
    /// starts and vectors: [n][2] in plane units.
    void set(std::span<const float> starts, std::span<const float> vectors);

    struct Style {
        float scale = 1;      ///< drawn length per vector length, plane units
        float max_length = 0; ///< plane units; longer arrows are shortened to it; 0 = never
        float width = 1.5f;   ///< pixels
        float head = 6;       ///< pixels
        Color color;
        float outline = 0; ///< pixels around the arrow, so that it is seen on ground of its own colour
        Color outline_color = {0, 0, 0, 0.8f};
        bool centred = false; ///< the middle of the arrow, not its tail, is at its start
    };
    void draw(const Offscreen& target, const Plane& view, const Style& style);

private:
    void collect(const Offscreen& target, const Plane& view, const Style& style, float outline);

    std::vector<float> starts_, vectors_;
    Strokes strokes_;
};

} // namespace ebm::draw
