#include "app/panels/scene_pictures.h"

#include "app/window/icons.h"
#include "app/window/theme.h"
#include "core/lab/scene_picture.h"

#include <chrono>

namespace ebm::panels {

void ScenePictures::advance(window::Colormap colormap, bool patient) {
    if (grids_.empty() && !making_.valid())
        making_ = std::async(std::launch::async, [] {
            Grids grids;
            for (const lab::Scene& scene : lab::built_in_scenes())
                grids.push_back(lab::scene_picture(scene, resolution_));
            return grids;
        });
    if (making_.valid() && patient) making_.wait();
    if (making_.valid() && making_.wait_for(std::chrono::seconds(0)) == std::future_status::ready)
        grids_ = making_.get();
    else if (grids_.empty() || colormap_ == static_cast<int>(colormap))
        return;
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

namespace {

/// For scenes of pictures: the kind of model where it is none of the common ones, else what is on the
/// pictures.
const char* icon_of(const Settings& settings) {
    const std::string &energy = settings.model.energy, &set = settings.data.set;
    if (energy == "flow") return window::icon::flow;
    if (energy == "vae" || energy == "autoencoder") return window::icon::squeeze;
    if (energy == "pixelcnn") return window::icon::pixels;
    if (energy == "classifier") return window::icon::tags;
    if (set == "fashion_mnist") return window::icon::shirt;
    if (set == "sprites") return window::icon::shapes;
    return window::icon::image;
}

} // namespace

void ScenePictures::draw(std::size_t index, ImVec2 at, float side) const {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (index < grids_.size() && !grids_[index].empty()) {
        images_.draw(list, static_cast<int>(index), at, side / resolution_, ImageSheet::Sampling::smooth);
        return;
    }
    list.AddRectFilled(at, {at.x + side, at.y + side}, window::packed(window::Meaning::control));
    const char* icon = index < lab::built_in_scenes().size() ? icon_of(lab::built_in_scenes()[index].settings)
                                                             : window::icon::dots;
    const float size = ImGui::GetFontSize() * 1.6f;
    ImFont* font = ImGui::GetFont();
    const ImVec2 text = font->CalcTextSizeA(size, FLT_MAX, 0, icon);
    list.AddText(font, size, {at.x + (side - text.x) / 2, at.y + (side - text.y) / 2},
                 window::packed(window::Meaning::muted), icon);
}

} // namespace ebm::panels
