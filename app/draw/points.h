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

/// The last T positions of N chains as lines that fade towards the oldest.
class Trails {
public:
    Trails() = default;
    ~Trails();
    Trails(const Trails&) = delete;
    Trails& operator=(const Trails&) = delete;

    /// positions: [steps][chains][2], oldest first. A step longer than `jump` (plane units, 0 = never) is not
    /// drawn: the chain was restarted or proposed far away.
    void set(std::span<const float> positions, int steps, int chains, float jump = 0);

    struct Style {
        float width = 1.5f; ///< pixels
        Color color;
        float opacity = 0.6f; ///< of the newest segment
    };
    void draw(const Offscreen& target, const Plane& view, const Style& style);

private:
    Program program_;
    unsigned vertex_array_ = 0, positions_ = 0, elements_ = 0;
    int steps_ = 0, chains_ = 0;
};

/// Arrows of a vector field.
class Arrows {
public:
    Arrows() = default;
    ~Arrows();
    Arrows(const Arrows&) = delete;
    Arrows& operator=(const Arrows&) = delete;

    /// starts and vectors: [n][2] in plane units.
    void set(std::span<const float> starts, std::span<const float> vectors);

    struct Style {
        float scale = 1;      ///< drawn length per vector length, plane units
        float max_length = 0; ///< plane units; longer arrows are shortened to it; 0 = never
        float width = 1.5f;   ///< pixels
        float head = 6;       ///< pixels
        Color color;
        bool centred = false; ///< the middle of the arrow, not its tail, is at its start
    };
    void draw(const Offscreen& target, const Plane& view, const Style& style);

private:
    Program program_;
    unsigned vertex_array_ = 0, vectors_ = 0;
    int count_ = 0;
};

} // namespace ebm::draw
