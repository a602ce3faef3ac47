#pragma once

#include "app/panels/image_sheet.h"
#include "app/window/colormap.h"

#include <vector>

#include <imgui.h>

namespace ebm::panels {

/// A small picture of every built-in scene, made once, one a frame.
class ScenePictures {
public:
    /// Makes the next missing picture; again for another color map.
    void advance(window::Colormap colormap);
    /// Picture of built-in scene `index` in a square of `side` pixels, or an icon where there is none.
    void draw(std::size_t index, ImVec2 at, float side) const;

private:
    static constexpr int resolution_ = 56;
    std::vector<std::vector<float>> grids_;
    ImageSheet images_;
    std::uint64_t version_ = 0;
    int colormap_ = -1;
};

} // namespace ebm::panels
