#include "app/panels/lesson_text.h"

#include "app/window/fonts.h"
#include "app/window/formula_lines.h"
#include "app/window/marked_text.h"
#include "app/window/widgets.h"

#include <fmt/ranges.h>
#include <imgui_internal.h>

namespace ebm::panels {

using window::Meaning;
using window::scaled;

void wrapped(const std::string& text) {
    window::marked_text(window::kept_together(text));
}

void list_item(const std::string& text, const std::string& number) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    // Numbers of one and of two digits end in the same place.
    const float room = ImGui::CalcTextSize("00.").x, width = ImGui::CalcTextSize(number.c_str()).x;
    const float indent = number.empty() ? scaled(18) : std::max(room, width) + scaled(6);
    if (number.empty()) {
        list.AddCircleFilled({at.x + indent / 2, at.y + ImGui::GetTextLineHeight() / 2}, scaled(2.5f),
                             window::packed(Meaning::text));
    } else {
        list.AddText({at.x + std::max(0.0f, room - width), at.y}, window::packed(Meaning::text),
                     number.c_str());
        ImGui::LogText("%s ", number.c_str());
    }
    ImGui::Indent(indent);
    wrapped(text);
    ImGui::Unindent(indent);
}

void formula(const std::string& text) {
    const window::TypeScope type(window::Type::mono);
    ImGui::PushFont(nullptr, lesson_text_size - 1);
    const float width = ImGui::GetContentRegionAvail().x, inner = width - scaled(20);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const auto fits = [&](const std::string& line) { return ImGui::CalcTextSize(line.c_str()).x <= inner; };
    const std::string lines = fmt::format("{}", fmt::join(window::formula_lines(text, fits), "\n"));
    const ImVec2 size = ImGui::CalcTextSize(lines.c_str(), nullptr, false, inner);
    ImGui::GetWindowDrawList()->AddRectFilled(at, {at.x + width, at.y + size.y + scaled(10)},
                                              window::packed(Meaning::control, 0.6f), scaled(4));
    ImGui::SetCursorScreenPos({at.x + scaled(10), at.y + scaled(5)});
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + inner);
    ImGui::TextUnformatted(lines.c_str());
    ImGui::PopTextWrapPos();
    ImGui::SetCursorScreenPos({at.x, at.y + size.y + scaled(10) + ImGui::GetStyle().ItemSpacing.y});
    ImGui::Dummy({width, 0});
    ImGui::PopFont();
}

bool choice_button(int index, const lab::Choice& choice, bool chosen, bool marked) {
    ImGui::PushID(index);
    const float width = ImGui::GetContentRegionAvail().x, side = scaled(26);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float room = width - side - scaled(8);
    const std::string text = window::kept_together(choice.text);
    const ImVec2 size = window::marked_text_size(text, room);
    const float height = size.y + scaled(10);
    const bool pressed = ImGui::InvisibleButton("choice", {width, height});
    const bool hovered = ImGui::IsItemHovered();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(at, {at.x + width, at.y + height},
                       window::packed(hovered ? Meaning::hovered : Meaning::control), scaled(4));
    ImGui::RenderNavCursor({at, {at.x + width, at.y + height}}, ImGui::GetItemID());
    const ImVec2 centre(at.x + side / 2, at.y + scaled(5) + ImGui::GetTextLineHeight() / 2);
    const Meaning ring = marked ? Meaning::good : Meaning::muted;
    list.AddCircle(centre, scaled(6.5f), window::packed(ring), 0, scaled(marked ? 2.5f : 1.5f));
    if (chosen) list.AddCircleFilled(centre, scaled(4), window::packed(Meaning::accent));
    window::draw_marked_text(list, {at.x + side, at.y + scaled(5)}, window::packed(Meaning::text), text,
                             room);
    ImGui::LogText("%s\n", unmarked(choice.text).c_str());
    ImGui::PopID();
    return pressed;
}

void verdict(Meaning meaning, const char* icon, const std::string& text) {
    ImGui::PushStyleColor(ImGuiCol_Text, window::color(meaning));
    ImGui::TextUnformatted(icon);
    ImGui::SameLine(0, scaled(8));
    wrapped(text);
    ImGui::PopStyleColor();
}

} // namespace ebm::panels
