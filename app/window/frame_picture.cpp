#include "app/window/frame_picture.h"

#include "app/draw/offscreen.h"

#include <algorithm>
#include <cmath>

#include <backends/imgui_impl_opengl3.h>

namespace ebm::window {

Pixels picture_of_frame(ImDrawData frame, ImVec2 low, ImVec2 high) {
    const ImVec2 first = frame.DisplayPos,
                 last = {first.x + frame.DisplaySize.x, first.y + frame.DisplaySize.y};
    low = {std::round(std::max(low.x, first.x)), std::round(std::max(low.y, first.y))};
    high = {std::round(std::min(high.x, last.x)), std::round(std::min(high.y, last.y))};
    if (!(high.x - low.x >= 1 && high.y - low.y >= 1)) return {};
    frame.DisplayPos = low;
    frame.DisplaySize = {high.x - low.x, high.y - low.y};
    const ImVec4& ground = ImGui::GetStyle().Colors[ImGuiCol_DockingEmptyBg];
    draw::Offscreen target;
    draw::set_density(frame.FramebufferScale.x);
    const bool begun = target.begin(static_cast<int>(frame.DisplaySize.x),
                                    static_cast<int>(frame.DisplaySize.y), {ground.x, ground.y, ground.z, 1});
    draw::set_density(1);
    if (!begun) return {};
    frame.FramebufferScale = {target.density(), target.density()};
    ImGui_ImplOpenGL3_RenderDrawData(&frame);
    target.end();
    Pixels pixels{target.pixels_wide(), target.pixels_high(), target.read_pixels()};
    for (std::size_t i = 3; i < pixels.rgba.size(); i += 4)
        pixels.rgba[i] = 255;
    return pixels;
}

} // namespace ebm::window
