#include "app/panels/flow_number.h"

#include "app/panels/plotting.h"
#include "app/window/widgets.h"

#include <algorithm>

namespace ebm::panels {

using window::scaled;

bool flow_number(const char* label, const char* id, int& value, int low, int high, const char* help) {
    const float width = scaled(76), words = ImGui::CalcTextSize(label).x + scaled(6);
    flow(width + words);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(label);
    ImGui::SameLine(0, scaled(6));
    ImGui::SetNextItemWidth(width);
    const bool changed = ImGui::DragInt(id, &value, std::max(0.05f, static_cast<float>(value) * 0.01f), low,
                                        high, "%d", ImGuiSliderFlags_AlwaysClamp);
    window::help_tooltip(help);
    return changed;
}

} // namespace ebm::panels
