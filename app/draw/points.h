#pragma once

#include "app/draw/offscreen.h"
#include "app/draw/shader.h"

#include <cstdint>
#include <span>

namespace ebm::draw {

/// Round points with an outline; up to a few hundred thousand.
class PointCloud {
public:
    PointCloud() = default;
    ~PointCloud();
    PointCloud(const PointCloud&) = delete;
    PointCloud& operator=(const PointCloud&) = delete;

    /// positions: [n][2]. colors: [n] packed as ImGui's ImU32 (0xAABBGGRR), or empty for one colour; alpha
    /// counts.
    void set(std::span<const float> positions, std::span<const std::uint32_t> colors = {});

    struct Style {
        float size = 5; ///< diameter in pixels, without the outline
        Color color;
        float outline = 0; ///< width in pixels
        Color outline_color = {0, 0, 0, 0.8f};
        float opacity = 1;
    };
    void draw(const Offscreen& target, const Plane& view, const Style& style);
    int count() const { return count_; }

private:
    Program program_;
    unsigned vertex_array_ = 0, positions_ = 0, colors_ = 0;
    int count_ = 0;
    bool colored_ = false;
};

} // namespace ebm::draw
