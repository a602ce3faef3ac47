#include "app/panels/class_names.h"

#include "app/window/number_format.h"
#include "app/window/widgets.h"
#include "core/base/error.h"
#include "core/lab/class_choice.h"

#include <algorithm>

#include <imgui.h>

namespace ebm::panels {
namespace {

constexpr const char* in_turn = "All, in turn";

} // namespace

bool is_conditional(const lab::Snapshot& snapshot) {
    return snapshot.model && snapshot.model->classes > 0;
}

const std::vector<std::string>& class_names(const lab::Snapshot& snapshot) {
    static const std::vector<std::string> none;
    return snapshot.data ? snapshot.data->classes : none;
}

std::string class_name(std::span<const std::string> names, std::int64_t label) {
    if (label < 0) return std::string(window::unknown_value);
    const auto at = static_cast<std::size_t>(label);
    return at < names.size() && !names[at].empty() ? names[at] : "class " + window::format_count(label);
}

std::string asking_for(std::span<const std::string> names, int which) {
    if (which < 0) return "all";
    const std::vector<std::string> all(names.begin(), names.end());
    const std::string& name = all.at(static_cast<std::size_t>(which));
    return asked_class(all, name) == which ? name : std::to_string(which);
}

int asked_class(const std::vector<std::string>& names, std::string_view text) {
    if (names.empty()) return -1;
    try {
        return lab::class_choice(text, names);
    } catch (const Error&) {
        return -2;
    }
}

std::string asked_words(const std::vector<std::string>& names, std::string_view text) {
    const int asked = asked_class(names, text);
    return asked == -1 ? in_turn : asked < 0 ? std::string(text) : class_name(names, asked);
}

void class_picker(window::SettingEditor& editor, const lab::Snapshot& snapshot, const char* id) {
    const Setting& row = setting("sampler.ask");
    const std::vector<std::string>& names = class_names(snapshot);
    const std::string value = row.text(editor.shown());
    const int asked = asked_class(names, value);
    if (!window::begin_combo(id, asked_words(names, value), ImGuiComboFlags_HeightLarge)) return;
    for (int k = -1; k < static_cast<int>(names.size()); ++k) {
        ImGui::PushID(k);
        if (ImGui::Selectable(k < 0 ? in_turn : class_name(names, k).c_str(), k == asked)) {
            editor.change(row, asking_for(names, k));
            editor.release();
        }
        if (k == asked && ImGui::IsWindowAppearing()) ImGui::SetScrollHereY();
        if (k < 0) ImGui::Separator();
        ImGui::PopID();
    }
    ImGui::EndCombo();
}

float class_picker_width(std::span<const std::string> names, float most) {
    float width = ImGui::CalcTextSize(in_turn).x;
    for (const std::string& name : names)
        width = std::max(width, ImGui::CalcTextSize(name.c_str()).x);
    return std::min(most, width + 2 * ImGui::GetStyle().FramePadding.x + ImGui::GetFrameHeight());
}

} // namespace ebm::panels
