#pragma once

namespace ebm::draw {

struct Color {
    float r = 1, g = 1, b = 1, a = 1;
};

/// The part of the plane that a picture shows; low is the lower left corner, y grows upwards.
struct Plane {
    float low_x = -1, low_y = -1, high_x = 1, high_y = 1;
};

/// Whether an OpenGL context is current. Without one every class of this folder does nothing, so that the
/// window's logic runs on the null display.
bool has_graphics();

} // namespace ebm::draw
