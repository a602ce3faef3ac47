#include "app/panels/class_row.h"

#include "app/panels/class_names.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <imgui.h>

namespace ebm::panels {

using namespace window;

bool can_start_from_class(const lab::Snapshot& snapshot) {
    return snapshot.data && snapshot.data->train_count > 0 && !snapshot.data->class_counts.empty();
}

void start_from_class_menu(Context& context, const std::vector<std::int64_t>& which) {
    const lab::DataView& data = *context.snapshot.data;
    for (std::size_t k = 0; k < data.class_counts.size(); ++k) {
        ImGui::PushID(static_cast<int>(k));
        const auto label = static_cast<int>(k);
        if (ImGui::MenuItem(class_name(data.classes, label).c_str(), nullptr, false,
                            data.class_counts[k] > 0))
            context.send(lab::RestartChains{lab::ChainStart::data, {which.begin(), which.end()}, {}, label});
        ImGui::PopID();
    }
}

void class_row(Context& context, const Selection& selection) {
    const lab::Snapshot& snapshot = context.snapshot;
    if (!is_conditional(snapshot)) return;
    SettingEditor& editor = context.settings;
    const float em = ImGui::GetFontSize();
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Ask for");
    ImGui::SameLine();
    ImGui::SetNextItemWidth(class_picker_width(class_names(snapshot), em * 14));
    class_picker(editor, snapshot, "##ask");
    help_tooltip(
        "The class whose energy moves the chains. They keep their places when it changes. All, in turn: "
        "chain 0 is asked for the first class, chain 1 for the second, and so on.",
        "Class asked for");

    const std::string label = "Start from a class  " + std::string(icon::down) + "###start_class";
    flow(button_width(label.c_str()));
    ImGui::BeginDisabled(!can_start_from_class(snapshot));
    if (ImGui::Button(label.c_str())) ImGui::OpenPopup("start_class_menu");
    ImGui::EndDisabled();
    help_tooltip(
        can_start_from_class(snapshot)
            ? "Chains start anew from training data of the class that you pick: the selected ones, or all "
              "if none is selected."
            : "There are no labelled data here to start from.");
    if (ImGui::BeginPopup("start_class_menu")) {
        const std::size_t picked = selection.items().size();
        ImGui::TextDisabled(
            "%s", (picked > 0 ? format_count(static_cast<std::int64_t>(picked)) + " selected, from data of"
                              : std::string("All chains, from data of"))
                      .c_str());
        start_from_class_menu(context, selection.items());
        ImGui::EndPopup();
    }
    const TypeScope type(Type::caption);
    muted_text(
        "To cross over: start from one class, then ask for another. Chains keep their places, so the one "
        "becomes the other.");
}

} // namespace ebm::panels
