#include "app/panels/composition.h"

#include "app/panels/class_names.h"
#include "app/panels/setting_rows.h"
#include "app/panels/setting_slider.h"
#include "app/window/pointing.h"
#include "app/window/widgets.h"
#include "core/base/error.h"
#include "core/lab/part_texts.h"

#include <cmath>

#include <imgui.h>

namespace ebm::panels {
namespace {

/// What a slider covers; numbers beyond it can be typed into the row compose.weights.
Setting weight_row() {
    Setting row = setting("sampler.box_high");
    row.low = -3;
    row.high = 3;
    row.scale = Scale::linear;
    row.unit = {};
    return row;
}

std::vector<double> weights_of(const Settings& settings, std::size_t parts) {
    try {
        return lab::part_weights(settings.compose.weights, parts);
    } catch (const Error&) {
        return std::vector<double>(parts,
                                   1.0); // the row itself shows what was typed, the engine what is wrong
    }
}

std::vector<std::string> classes_of(const Settings& settings, std::size_t parts) {
    try {
        return lab::part_classes(settings.compose.classes, parts);
    } catch (const Error&) {
        return {};
    }
}

void weight_control(window::SettingEditor& editor, std::size_t part, std::size_t parts) {
    static const Setting range = weight_row();
    const Setting& row = setting("compose.weights");
    std::vector<double> weights = weights_of(editor.shown(), parts);
    const std::vector<double> scene = weights_of(editor.scene(), parts);
    ImGui::SetNextItemWidth(-FLT_MIN);
    double value = weights[part];
    const std::string changed = value == scene[part] ? "" : " \u2022"; // the dot of a changed row
    const Edited edited = setting_slider("##weight", range, value, window::format_number(value) + changed);
    const auto take = [&](double weight) {
        weights[part] = std::round(weight * 100) / 100;
        editor.change(row, lab::part_weights_text(weights));
    };
    if (edited.changed) take(value);
    if (edited.released) editor.release();
    if (ImGui::IsItemHovered() && ImGui::IsMouseClicked(ImGuiMouseButton_Right)) {
        take(scene[part]);
        editor.release();
    }
}

void class_control(window::SettingEditor& editor, const lab::Snapshot& snapshot, std::size_t part) {
    const std::vector<lab::PartView>& parts = *snapshot.parts;
    std::vector<std::string> names = classes_of(editor.shown(), parts.size());
    const std::vector<std::string>& known = parts[part].classes;
    const int now = asked_class(known, names[part].empty() ? "all" : names[part]);
    ImGui::SetNextItemWidth(-FLT_MIN);
    if (!window::begin_combo("##class", now < 0 ? "any" : class_name(known, now))) return;
    for (int k = -1; k < static_cast<int>(known.size()); ++k) {
        ImGui::PushID(k);
        if (ImGui::Selectable(k < 0 ? "any" : class_name(known, k).c_str(), k == now)) {
            names[part] = k < 0 ? "" : asking_for(known, k);
            editor.change(setting("compose.classes"), lab::part_classes_text(names));
            editor.release();
        }
        ImGui::PopID();
    }
    ImGui::EndCombo();
}

} // namespace

void composition_rows(window::SettingEditor& editor, const lab::Snapshot& snapshot) {
    if (!snapshot.parts) return;
    const std::vector<lab::PartView>& parts = *snapshot.parts;
    setting_row(editor, setting("compose.as"), snapshot);
    const bool ask = !classes_of(editor.shown(), parts.size()).empty();
    const float height = ImGui::GetFrameHeight();
    ImVec2 first_weight;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        ImGui::PushID(static_cast<int>(i));
        control_row(
            parts[i].title.c_str(), height,
            [&] {
                if (i == 0) // with the labels, which say whose weights they are
                    first_weight = {ImGui::GetWindowPos().x + ImGui::GetStyle().WindowPadding.x,
                                    ImGui::GetCursorScreenPos().y};
                weight_control(editor, i, parts.size());
                if (i + 1 == parts.size())
                    window::pointable("setting", "compose.weights", first_weight, ImGui::GetItemRectMax());
            },
            "The weight of this part. 0 leaves it out. With AND a weight below 0 takes it away: what is "
            "likely for the part becomes unlikely (NOT). Drag, or Ctrl-click to type; right-click: as in the "
            "scene.");
        if (ask && !parts[i].classes.empty())
            control_row(
                "\u2514 class", height, [&] { class_control(editor, snapshot, i); },
                "The class that this part is asked for. any: \u2212log of the sum of exp(\u2212E) over all "
                "of them.");
        ImGui::PopID();
    }
}

} // namespace ebm::panels
