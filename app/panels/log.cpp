#include "core/base/log.h"

#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <ctime>
#include <deque>
#include <memory>

namespace ebm::panels {

using namespace window;

namespace {

std::string clock_time(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    char text[16] = "";
    if (const std::tm* local = std::localtime(&seconds)) std::strftime(text, sizeof text, "%H:%M:%S", local);
    return text;
}

const char* level_name(log::Level level) {
    return level == log::Level::error ? "error" : level == log::Level::warning ? "warning" : "note";
}

Meaning level_meaning(log::Level level) {
    return level == log::Level::error     ? Meaning::failure
           : level == log::Level::warning ? Meaning::attention
                                          : Meaning::muted;
}

const char* level_icon(log::Level level) {
    return level == log::Level::error     ? icon::error
           : level == log::Level::warning ? icon::warning
                                          : icon::info;
}

std::string line_of(const log::Message& message) {
    return clock_time(message.time) + "  " + level_name(message.level) + "  " + message.text;
}

class LogPanel {
public:
    void draw();

private:
    void take_new();
    void draw_controls(const std::vector<const log::Message*>& shown);
    bool passes(const log::Message& message) const;

    std::deque<log::Message> messages_;
    std::uint64_t next_ = 0;
    int least_ = 0; ///< level
    ImGuiTextFilter filter_;
};

void LogPanel::take_new() {
    if (log::next_index() <= next_) return;
    for (log::Message& message : log::messages_from(next_)) {
        next_ = message.index + 1;
        messages_.push_back(std::move(message));
    }
    while (messages_.size() > log::ring_size)
        messages_.pop_front();
}

bool LogPanel::passes(const log::Message& message) const {
    return static_cast<int>(message.level) >= least_ && filter_.PassFilter(message.text.c_str());
}

void LogPanel::draw() {
    take_new();
    std::vector<const log::Message*> shown;
    for (const log::Message& message : messages_)
        if (passes(message)) shown.push_back(&message);
    draw_controls(shown);
    if (shown.empty()) {
        empty_state(icon::log, messages_.empty() ? "Nothing has happened yet that is worth a line."
                                                 : "No line passes the filter.");
        return;
    }
    constexpr ImGuiTableFlags flags =
        ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit;
    const bool wide = ImGui::GetContentRegionAvail().x > ImGui::GetFontSize() * 24;
    if (!ImGui::BeginTable("lines", wide ? 3 : 2, flags)) return;
    if (wide) ImGui::TableSetupColumn("time");
    ImGui::TableSetupColumn("level");
    ImGui::TableSetupColumn("text", ImGuiTableColumnFlags_WidthStretch);
    for (const log::Message* message : shown) {
        ImGui::PushID(static_cast<int>(message->index));
        ImGui::TableNextRow();
        if (wide) {
            ImGui::TableNextColumn();
            const TypeScope type(Type::mono);
            ImGui::TextColored(color(Meaning::muted), "%s", clock_time(message->time).c_str());
        }
        ImGui::TableNextColumn();
        ImGui::TextColored(color(level_meaning(message->level)), "%s", level_icon(message->level));
        ImGui::SetItemTooltip("%s, %s", level_name(message->level), clock_time(message->time).c_str());
        ImGui::TableNextColumn();
        // The whole row can be pointed at; the text is drawn over it, wrapped.
        const float room = ImGui::GetContentRegionAvail().x;
        const float height = ImGui::CalcTextSize(message->text.c_str(), nullptr, false, room).y;
        const ImVec2 corner = ImGui::GetCursorPos();
        ImGui::Selectable("##line", false, ImGuiSelectableFlags_SpanAllColumns, {0, height});
        const bool error = message->level == log::Level::error;
        if (ImGui::BeginPopupContextItem("line")) {
            if (ImGui::MenuItem("Copy line")) ImGui::SetClipboardText(line_of(*message).c_str());
            ImGui::EndPopup();
        }
        ImGui::SetCursorPos(corner);
        ImGui::PushStyleColor(ImGuiCol_Text, color(error ? Meaning::failure : Meaning::text));
        ImGui::TextWrapped("%s", message->text.c_str());
        ImGui::PopStyleColor();
        ImGui::PopID();
    }
    if (ImGui::GetScrollY() >= ImGui::GetScrollMaxY()) ImGui::SetScrollHereY(1);
    ImGui::EndTable();
}

void LogPanel::draw_controls(const std::vector<const log::Message*>& shown) {
    const float em = ImGui::GetFontSize();
    ImGui::SetNextItemWidth(std::min(em * 14, ImGui::GetContentRegionAvail().x));
    segmented("level", least_, {"All", "Warnings", "Errors"});
    flow(em * 9);
    ImGui::SetNextItemWidth(std::min(em * 14, std::max(em * 6, ImGui::GetContentRegionAvail().x - em * 5)));
    if (ImGui::InputTextWithHint("##filter", "Filter", filter_.InputBuf, sizeof filter_.InputBuf))
        filter_.Build();
    help_tooltip("Shows lines with these words; -word hides lines with it.");
    flow(ImGui::GetFrameHeight());
    if (icon_button("copy", icon::copy, "Copy the shown lines", false, !shown.empty())) {
        std::string text;
        for (const log::Message* message : shown)
            text += line_of(*message) + "\n";
        ImGui::SetClipboardText(text.c_str());
    }
    flow(ImGui::GetFrameHeight());
    if (icon_button("clear", icon::trash, "Clear this list", false, !messages_.empty())) messages_.clear();
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel log_panel() {
    return {.id = "log",
            .title = "Log",
            .icon = icon::log,
            .place = Place::bottom_right,
            .help = panels::help_text("log"),
            .draw = [panel = std::make_shared<panels::LogPanel>()](Context&) { panel->draw(); },
            .actions = {}};
}

} // namespace ebm::window
