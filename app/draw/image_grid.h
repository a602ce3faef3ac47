#pragma once

#include <cstdint>
#include <imgui.h>
#include <span>
#include <vector>

namespace ebm::draw {

/// N small images in one texture.
class ImageGrid {
public:
    ImageGrid() = default;
    ~ImageGrid();
    ImageGrid(const ImageGrid&) = delete;
    ImageGrid& operator=(const ImageGrid&) = delete;

    /// pixels: [n][channels][height][width], 8 bit, 1 or 3 channels.
    void set(std::span<const std::uint8_t> pixels, int channels, int height, int width);
    int count() const { return count_; }
    int image_width() const { return width_; }
    int image_height() const { return height_; }

    /// Image `index` with its upper left corner at `at` (screen coordinates), `scale` screen pixels a pixel.
    /// Inside a CrispScope its pixels stay square.
    void draw(ImDrawList* list, int index, ImVec2 at, float scale, ImU32 tint = 0xFFFFFFFF) const;

private:
    unsigned texture_ = 0;
    int count_ = 0, channels_ = 0, height_ = 0, width_ = 0, columns_ = 0, rows_ = 0;
    std::vector<std::uint8_t> atlas_;
};

/// Images drawn into `list` during the scope are sampled nearest-neighbour.
class CrispScope {
public:
    explicit CrispScope(ImDrawList* list);
    ~CrispScope();
    CrispScope(const CrispScope&) = delete;
    CrispScope& operator=(const CrispScope&) = delete;

private:
    ImDrawList* list_;
};

} // namespace ebm::draw
