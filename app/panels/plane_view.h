#pragma once

#include "core/lab/command.h"

#include <span>

namespace ebm::panels {

struct Vec2 {
    double x = 0, y = 0;
};

/// Which part of the plane a rectangle of the screen shows. One scale for both axes; y of the plane points
/// up.
class PlaneView {
public:
    /// The rectangle of the screen, in pixels. Keeps the centre and the smaller half extent of what is shown.
    void set_screen(double left, double top, double width, double height);

    Vec2 to_screen(Vec2 plane) const;
    Vec2 to_plane(Vec2 screen) const;
    /// Units of the plane per pixel.
    double unit() const { return 2 * half_ / smaller_side(); }

    /// Moves what is shown by pixels of the screen.
    void pan(double dx, double dy);
    /// factor > 1 shows a smaller part; the point under `screen` stays where it is.
    void zoom(double factor, Vec2 screen);
    /// Shows the square of half extent `half` about `centre`.
    void look_at(Vec2 centre, double half);
    /// Shows all of [n][2] `points` with a margin; keeps the view if there are none.
    void frame(std::span<const float> points);

    Vec2 centre() const { return centre_; }
    double half() const { return half_; }
    /// What is visible, widened on each side by `margin` of its size.
    lab::Rect visible(double margin = 0) const;

private:
    double smaller_side() const { return width_ < height_ ? width_ : height_; }

    double left_ = 0, top_ = 0, width_ = 1, height_ = 1;
    Vec2 centre_;
    double half_ = 4; ///< half extent along the smaller side of the screen
};

/// Whether two rectangles differ by less than `tolerance` of their size.
bool alike(const lab::Rect& a, const lab::Rect& b, double tolerance);

} // namespace ebm::panels
