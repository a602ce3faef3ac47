#include "app/panels/bars.h"

#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

/// The longest of the texts that fits, else the last.
const std::string& fitting(const std::vector<std::string>& texts, float room) {
    for (const std::string& text : texts)
        if (ImGui::CalcTextSize(text.c_str()).x <= room) return text;
    return texts.back();
}

void draw_status_bar(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const window::TypeScope type(window::Type::caption);
    const float right_edge = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
    // The first are the first to go where there is no room.
    std::vector<std::string> right;
    if (s.trainable && s.training_share > 0)
        right.push_back("training " + window::format_share(s.training_share) + " of the work");
    if (s.memory_bytes > 0)
        right.push_back("memory " + window::format_bytes(static_cast<double>(s.memory_bytes)));
    if (s.trainable && s.training_seconds > 0)
        right.push_back("trained " + window::format_duration(s.training_seconds));
    float width = 0;
    for (const std::string& text : right)
        width += ImGui::CalcTextSize(text.c_str()).x + scaled(18);
    while (!right.empty() && width > 0.55f * (right_edge - ImGui::GetCursorPosX())) {
        width -= ImGui::CalcTextSize(right.front().c_str()).x + scaled(18);
        right.erase(right.begin());
    }

    const window::Shell::Notice notice = context.shell.notice();
    const float room = right_edge - ImGui::GetCursorPosX() - width - scaled(12);
    if (const window::Recording* recording = context.shell.recording()) {
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::failure));
        ImGui::TextUnformatted(window::icon::record);
        ImGui::PopStyleColor();
        ImGui::SameLine(0, scaled(6));
        const std::string text = "Recording, " + window::format_duration(recording->seconds());
        ImGui::TextUnformatted(text.c_str());
        ImGui::SameLine(0, scaled(10));
        // Ends with this frame: nothing below needs the recording.
        if (ImGui::SmallButton("Stop and save")) context.shell.stop_recording(true);
        ImGui::SameLine(0, scaled(6));
        if (ImGui::SmallButton("Discard")) context.shell.stop_recording(false);
    } else if (const window::Recording* writing = context.shell.writing()) {
        window::progress(static_cast<float>(writing->written()),
                         {scaled(90), ImGui::GetTextLineHeight() * 0.5f});
        ImGui::SameLine(0, scaled(8));
        window::clipped_text("Writing " + writing->path().string() + " \u2026", room - scaled(100));
    } else if (!s.task.empty()) {
        const float height = ImGui::GetTextLineHeight();
        window::progress(-1, {scaled(90), height * 0.5f});
        ImGui::SameLine(0, scaled(8));
        window::clipped_text(s.task + " \u2026", room - scaled(100));
    } else if (!notice.text.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(notice.meaning));
        window::clipped_text(notice.text, room);
        ImGui::PopStyleColor();
    } else {
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
        const int changed = context.settings.changed_count();
        std::vector<std::string> texts = {s.scene.description,
                                          s.scene.description.substr(0, s.scene.description.find(". ") + 1),
                                          s.scene.title, ""};
        if (changed > 0) {
            const std::string count =
                window::format_count(changed) + (changed == 1 ? " setting differs" : " settings differ");
            texts = {count + " from the scene. Right-click a setting to reset it, Ctrl+Z to undo.",
                     count + " from the scene", window::format_count(changed) + " changed", ""};
        }
        if (s.model_frozen)
            texts = {"The model is frozen: chains run, training rests until it is thawed in the menu Run.",
                     "The model is frozen", "Frozen", ""};
        window::clipped_text(fitting(texts, room), room);
        ImGui::PopStyleColor();
    }
    if (right.empty() || room < scaled(120)) return;
    ImGui::SameLine(right_edge - width + scaled(18));
    ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
    for (const std::string& text : right) {
        ImGui::TextUnformatted(text.c_str());
        ImGui::SameLine(0, scaled(18));
    }
    ImGui::PopStyleColor();
    ImGui::NewLine();
}

} // namespace

std::function<void(window::Context&)> status_bar() {
    return draw_status_bar;
}

} // namespace ebm::panels
