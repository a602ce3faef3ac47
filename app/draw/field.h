#pragma once

#include "app/draw/offscreen.h"
#include "app/draw/shader.h"

#include <array>
#include <cstdint>
#include <span>

namespace ebm::draw {

/// A regular grid of numbers as a colour-mapped surface with isocontours. The contours are computed for every
/// pixel from the interpolated value, so they are smooth at any zoom.
class Field {
public:
    Field() = default;
    ~Field();
    Field(const Field&) = delete;
    Field& operator=(const Field&) = delete;

    /// values: [columns × rows], row 0 at low_y, each at the centre of its cell. Non-finite values are drawn
    /// transparent.
    void set(std::span<const float> values, int columns, int rows, const Plane& extent);
    void set_colormap(std::span<const std::array<std::uint8_t, 3>, 256> table);

    struct Style {
        /// Values at the ends of the colour map. The map's last entry is at `low` if `low_is_bright`.
        float low = 0, high = 1;
        bool low_is_bright = true;
        /// Density mode: the shown value is exp(offset − factor · value) in 0 … `high`; low and low_is_bright
        /// are not used.
        bool density = false;
        float density_offset = 0, density_factor = 1;
        /// Difference between neighbouring isocontours; 0 = none. In units of the shown value.
        float contour_spacing = 0;
        float contour_width = 1.25f; ///< pixels
        Color contour_color = {0, 0, 0, 0.35f};
        bool contour_contrast = true; ///< dark lines on bright ground and bright ones on dark ground
        float opacity = 1;
    };
    /// Between Offscreen::begin and end.
    void draw(const Offscreen& target, const Plane& view, const Style& style);

private:
    void create();
    Program program_;
    unsigned values_ = 0, colors_ = 0, vertex_array_ = 0;
    int columns_ = 0, rows_ = 0;
    Plane extent_;
};

} // namespace ebm::draw
