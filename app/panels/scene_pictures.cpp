#include "app/panels/scene_pictures.h"

#include "app/window/icons.h"
#include "app/window/theme.h"
#include "core/lab/scene_picture.h"

namespace ebm::panels {

void ScenePictures::advance(window::Colormap colormap) {
    const std::vector<lab::Scene>& scenes = lab::built_in_scenes();
    const bool complete = grids_.size() == scenes.size();
    if (complete && colormap_ == static_cast<int>(colormap)) return;
    if (!complete) grids_.push_back(lab::scene_picture(scenes[grids_.size()], resolution_));
    colormap_ = static_cast<int>(colormap);
    constexpr std::size_t size = resolution_ * resolution_;
    std::vector<std::uint8_t> pixels(grids_.size() * 3 * size, 0);
    for (std::size_t n = 0; n < grids_.size(); ++n)
        for (std::size_t i = 0; i < grids_[n].size(); ++i) {
            const window::Rgb color = window::colormap_at(colormap, grids_[n][i]);
            for (std::size_t c = 0; c < 3; ++c)
                pixels[(n * 3 + c) * size + i] = color[c];
        }
    images_.set(pixels, {3, resolution_, resolution_}, ++version_);
}

void ScenePictures::draw(std::size_t index, ImVec2 at, float side) const {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (index < grids_.size() && !grids_[index].empty()) {
        images_.draw(list, static_cast<int>(index), at, side / resolution_, ImageSheet::Sampling::smooth);
        return;
    }
    list.AddRectFilled(at, {at.x + side, at.y + side}, window::packed(window::Meaning::control));
    const bool image = index < lab::built_in_scenes().size() &&
                       lab::built_in_scenes()[index].settings.model.energy == "conv";
    const char* icon = image ? window::icon::shirt : window::icon::dots;
    const float size = ImGui::GetFontSize() * 1.6f;
    ImFont* font = ImGui::GetFont();
    const ImVec2 text = font->CalcTextSizeA(size, FLT_MAX, 0, icon);
    list.AddText(font, size, {at.x + (side - text.x) / 2, at.y + (side - text.y) / 2},
                 window::packed(window::Meaning::muted), icon);
}

} // namespace ebm::panels
