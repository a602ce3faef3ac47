#pragma once

#include "app/draw/offscreen.h"
#include "app/draw/shader.h"

#include <vector>

namespace ebm::draw {

/// Soft-edged lines and triangles in pixels of the picture (origin lower left), collected and drawn in one
/// go.
class Strokes {
public:
    Strokes() = default;
    ~Strokes();
    Strokes(const Strokes&) = delete;
    Strokes& operator=(const Strokes&) = delete;

    void clear() { vertices_.clear(); }
    /// A line of `width` pixels; its alpha runs from that of the first end to that of the second.
    void line(float x0, float y0, float x1, float y1, float width, float alpha0 = 1, float alpha1 = 1);
    void triangle(float x0, float y0, float x1, float y1, float x2, float y2, float alpha = 1);
    void draw(const Offscreen& target, Color color);

private:
    struct Vertex {
        float x, y, across, half_width, alpha;
    };
    std::vector<Vertex> vertices_;
    Program program_;
    unsigned vertex_array_ = 0, buffer_ = 0;
};

} // namespace ebm::draw
