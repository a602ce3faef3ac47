#pragma once

#include "app/panels/image_sheet.h"
#include "app/window/colormap.h"

#include <future>
#include <vector>

#include <imgui.h>

namespace ebm::panels {

/// A small picture of every built-in scene, made once on a thread of its own: the window does not wait for
/// files and energies.
class ScenePictures {
public:
    /// Takes in what was made since the last frame; colors it anew for another color map. patient:
    /// waits for them (pictures of the window, where nobody does).
    void advance(window::Colormap colormap, bool patient);
    /// Picture of built-in scene `index` in a square of `side` pixels, or an icon where there is none.
    void draw(std::size_t index, ImVec2 at, float side) const;

private:
    static constexpr int resolution_ = 56;
    using Grids = std::vector<std::vector<float>>;
    std::future<Grids> making_;
    Grids grids_;
    ImageSheet images_;
    std::uint64_t version_ = 0;
    int colormap_ = -1;
};

} // namespace ebm::panels
