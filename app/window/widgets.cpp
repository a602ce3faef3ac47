#include "app/window/widgets.h"

#include "app/window/icons.h"

#include <algorithm>
#include <cmath>
#include <imgui_internal.h>
#include <misc/cpp/imgui_stdlib.h>

namespace ebm::window {
namespace {

const char* begin_of(std::string_view text) {
    return text.data();
}
const char* end_of(std::string_view text) {
    return text.data() + text.size();
}

ImVec2 size_of(std::string_view text) {
    return ImGui::CalcTextSize(begin_of(text), end_of(text));
}

void plain_text(std::string_view text) {
    ImGui::TextUnformatted(begin_of(text), end_of(text));
}

CutTextWatch* watch = nullptr;

} // namespace

CutTextWatch::CutTextWatch() {
    watch = this;
}

CutTextWatch::~CutTextWatch() {
    watch = nullptr;
}

void note_room(std::string_view text, float needed, float room) {
    if (!watch || needed <= room + 0.5f) return;
    watch->found_.push_back({ImGui::GetCurrentWindowRead()->Name, std::string(text), needed, room});
}

void clipped_text(std::string_view text, float width) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const ImVec2 size = size_of(text);
    const float line = ImGui::GetTextLineHeight();
    note_room(text, size.x, width);
    ImGui::Dummy({std::max(1.0f, std::min(width, size.x)), line});
    ImGui::RenderTextEllipsis(ImGui::GetWindowDrawList(), at, {at.x + width, at.y + line}, at.x + width,
                              begin_of(text), end_of(text), &size);
    if (size.x > width) help_tooltip(text);
}

void muted_text(std::string_view text) {
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    ImGui::PushTextWrapPos(0);
    plain_text(text);
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
}

void group_heading(std::string_view title) {
    if (ImGui::GetCursorPosY() > ImGui::GetCursorStartPos().y + 1) ImGui::Dummy({0, scaled(6)});
    const TypeScope type(Type::strong);
    plain_text(title);
}

void help_tooltip(std::string_view text, std::string_view title, std::string_view shortcut) {
    if (text.empty() && title.empty() && shortcut.empty()) return;
    if (!ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip | ImGuiHoveredFlags_AllowWhenDisabled)) return;
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, scaled(10, 8));
    if (ImGui::BeginTooltip()) {
        if (!title.empty()) {
            const TypeScope type(Type::strong);
            plain_text(title);
        }
        if (!shortcut.empty()) {
            if (!title.empty()) ImGui::SameLine(0, scaled(12));
            ImGui::TextDisabled("%s", std::string(shortcut).c_str());
        }
        if (!text.empty()) plain_text(wrap_text(text, 60));
        ImGui::EndTooltip();
    }
    ImGui::PopStyleVar();
}

void read_out(double value, std::string_view unit) {
    {
        const TypeScope type(Type::mono);
        plain_text(format_value(value, unit));
    }
    help_tooltip(format_exact(value));
}

bool icon_button(const char* id, const char* icon, std::string_view tooltip, bool on, bool enabled) {
    const float side = ImGui::GetFrameHeight();
    ImGui::BeginDisabled(!enabled);
    ImGui::PushID(id);
    const bool pressed = ImGui::InvisibleButton("##button", {side, side});
    ImGui::PopID();
    const bool hovered = ImGui::IsItemHovered(), held = ImGui::IsItemActive();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    const Meaning ground = held ? Meaning::active : Meaning::hovered;
    const float alpha = ImGui::GetStyle().Alpha;
    if (hovered || held)
        list->AddRectFilled(low, high, packed(ground, alpha), ImGui::GetStyle().FrameRounding);
    if (on)
        list->AddRectFilled(low, high, packed(Meaning::accent, 0.25f * alpha),
                            ImGui::GetStyle().FrameRounding);
    const ImVec2 size = size_of(icon);
    list->AddText({(low.x + high.x - size.x) / 2, (low.y + high.y - size.y) / 2},
                  packed(on ? Meaning::accent : Meaning::text, alpha), icon);
    ImGui::RenderNavCursor({low, high}, ImGui::GetItemID());
    ImGui::EndDisabled();
    help_tooltip(tooltip);
    return pressed && enabled;
}

bool icon_toggle(const char* id, const char* icon, bool& on, std::string_view tooltip) {
    if (!icon_button(id, icon, tooltip, on)) return false;
    on = !on;
    return true;
}

bool checkbox(const char* label, bool* on) {
    ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, std::max(1.0f, std::floor(scaled(1))));
    ImGui::PushStyleColor(ImGuiCol_Border, color(*on ? Meaning::accent : Meaning::muted));
    const bool changed = ImGui::Checkbox(label, on);
    ImGui::PopStyleColor();
    ImGui::PopStyleVar();
    return changed;
}

bool accent_button(const char* label, ImVec2 size) {
    const ImVec4 accent = color(Meaning::accent);
    ImGui::PushStyleColor(ImGuiCol_Button, accent);
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, with_alpha(accent, 0.88f));
    ImGui::PushStyleColor(ImGuiCol_ButtonActive, with_alpha(accent, 0.75f));
    ImGui::PushStyleColor(ImGuiCol_Text, look().theme == ThemeKind::dark ? ImVec4(0.05f, 0.06f, 0.08f, 1)
                                                                         : ImVec4(1, 1, 1, 1));
    const bool pressed = ImGui::Button(label, size);
    ImGui::PopStyleColor(4);
    return pressed;
}

bool segmented(const char* id, int& selected, std::span<const char* const> labels) {
    if (labels.empty()) return false;
    ImGui::PushID(id);
    const float width = ImGui::CalcItemWidth(), height = ImGui::GetFrameHeight();
    const float rounding = ImGui::GetStyle().FrameRounding, inset = scaled(2);
    // Equal parts, unless a label needs more.
    const float equal = width / static_cast<float>(labels.size());
    float widest = 0, all = 0;
    for (const char* label : labels) {
        const float needed = ImGui::CalcTextSize(label, nullptr, true).x + 4 * inset;
        widest = std::max(widest, needed);
        all += needed;
    }
    const ImVec2 start = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(start, {start.x + width, start.y + height}, packed(Meaning::control), rounding);
    bool changed = false;
    ImGui::BeginGroup();
    float left = start.x;
    for (int i = 0; i < static_cast<int>(labels.size()); ++i) {
        const float needed =
            ImGui::CalcTextSize(labels[static_cast<std::size_t>(i)], nullptr, true).x + 4 * inset;
        const float part = widest <= equal ? equal : width * needed / all;
        ImGui::SetCursorScreenPos({left, start.y});
        if (ImGui::InvisibleButton(labels[static_cast<std::size_t>(i)], {part, height}) && selected != i) {
            selected = i;
            changed = true;
        }
        const bool hovered = ImGui::IsItemHovered();
        const ImVec2 low(left + inset, start.y + inset), high(left + part - inset, start.y + height - inset);
        const float inner = std::max(0.0f, rounding - inset / 2);
        if (selected == i)
            list->AddRectFilled(low, high, packed(Meaning::active), inner);
        else if (hovered)
            list->AddRectFilled(low, high, packed(Meaning::hovered), inner);
        ImGui::RenderNavCursor({{left, start.y}, {left + part, start.y + height}}, ImGui::GetItemID());
        const std::string_view text = labels[static_cast<std::size_t>(i)];
        const char* visible_end = ImGui::FindRenderedTextEnd(begin_of(text), end_of(text));
        const ImVec2 size = ImGui::CalcTextSize(begin_of(text), visible_end);
        const float x = std::max(low.x + inset, (low.x + high.x - size.x) / 2);
        note_room(text, size.x, high.x - inset - x);
        ImGui::PushStyleColor(ImGuiCol_Text, color(selected == i ? Meaning::text : Meaning::muted));
        ImGui::RenderTextEllipsis(list, {x, (low.y + high.y - size.y) / 2}, high, high.x - inset,
                                  begin_of(text), visible_end, &size);
        ImGui::PopStyleColor();
        left += part;
    }
    ImGui::EndGroup();
    ImGui::PopID();
    return changed;
}

float segmented_width(std::span<const char* const> labels) {
    float all = 0;
    for (const char* label : labels)
        all += ImGui::CalcTextSize(label, nullptr, true).x + 4 * scaled(2);
    return std::ceil(all + scaled(1));
}

bool begin_combo(const char* id, const std::string& preview, ImGuiComboFlags flags) {
    const float text = ImGui::CalcTextSize(preview.c_str()).x, arrow = ImGui::GetFrameHeight();
    float room = ImGui::CalcItemWidth() - ImGui::GetStyle().FramePadding.x - arrow;
    if (text > room) {
        flags |= ImGuiComboFlags_NoArrowButton;
        room += arrow;
    }
    note_room(preview, text, room);
    return ImGui::BeginCombo(id, preview.c_str(), flags);
}

bool segmented(const char* id, int& selected, std::initializer_list<const char*> labels) {
    return segmented(id, selected, std::span<const char* const>(labels.begin(), labels.size()));
}

bool banner(const char* id, Meaning meaning, std::string_view text, std::string_view remedy,
            std::string_view button) {
    const char* icon = meaning == Meaning::failure     ? icon::error
                       : meaning == Meaning::attention ? icon::warning
                       : meaning == Meaning::good      ? icon::good
                                                       : icon::info;
    ImGui::PushID(id);
    ImGui::PushStyleColor(ImGuiCol_ChildBg, with_alpha(color(meaning), 0.13f));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, scaled(10, 7));
    bool pressed = false;
    if (ImGui::BeginChild("banner", {0, 0},
                          ImGuiChildFlags_AlwaysUseWindowPadding | ImGuiChildFlags_AutoResizeY,
                          ImGuiWindowFlags_NoScrollbar)) {
        const ImVec2 low = ImGui::GetWindowPos();
        ImGui::GetWindowDrawList()->AddRectFilled(low, {low.x + scaled(3), low.y + ImGui::GetWindowHeight()},
                                                  packed(meaning), ImGui::GetStyle().ChildRounding,
                                                  ImDrawFlags_RoundLeft);
        ImGui::PushStyleColor(ImGuiCol_Text, color(meaning));
        plain_text(icon);
        ImGui::PopStyleColor();
        ImGui::SameLine(0, scaled(8));
        ImGui::BeginGroup();
        ImGui::PushTextWrapPos(0);
        plain_text(text);
        ImGui::PopTextWrapPos();
        if (!remedy.empty()) muted_text(remedy);
        if (!button.empty()) pressed = ImGui::Button(std::string(button).c_str());
        ImGui::EndGroup();
    }
    ImGui::EndChild();
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
    ImGui::PopID();
    return pressed;
}

bool first_text_field(const char* id, const char* hint, std::string& text, bool focus) {
    const ImGuiID field = ImGui::GetID(id);
    bool& waits = *ImGui::GetStateStorage()->GetBoolRef(field);
    if (focus) {
        waits = true;
        ImGui::SetKeyboardFocusHere();
    }
    if (waits && ImGui::GetActiveID() != field)
        for (const ImWchar letter : ImGui::GetIO().InputQueueCharacters) {
            char bytes[5] = {};
            ImTextCharToUtf8(bytes, letter);
            if (letter >= ' ') text += bytes;
        }
    const bool entered = ImGui::InputTextWithHint(id, hint, &text, ImGuiInputTextFlags_EnterReturnsTrue);
    if (waits && ImGui::IsItemActive()) {
        waits = false;
        // Dear ImGui selects everything in a field that gets the keyboard; the next letter would replace it.
        if (ImGuiInputTextState* state = ImGui::GetInputTextState(field)) state->ReloadUserBufAndMoveToEnd();
    }
    return entered;
}

bool escape_closes() {
    return ImGui::IsWindowFocused(ImGuiFocusedFlags_ChildWindows | ImGuiFocusedFlags_NoPopupHierarchy) &&
           ImGui::IsKeyPressed(ImGuiKey_Escape, false);
}

bool empty_state(const char* icon, std::string_view text, std::string_view action) {
    const ImVec2 space = ImGui::GetContentRegionAvail();
    const float width = std::min(space.x, scaled(320));
    const ImVec2 size = ImGui::CalcTextSize(begin_of(text), end_of(text), false, width);
    const ImVec2 start = ImGui::GetCursorPos();
    const float icon_height = scaled(34),
                button_height = action.empty() ? 0 : ImGui::GetFrameHeight() + scaled(10);
    float y = start.y + std::max(0.0f, (space.y - icon_height - size.y - button_height) * 0.45f);
    {
        ImGui::PushFont(look().fonts.body, 26);
        const ImVec2 icon_size = size_of(icon);
        ImGui::SetCursorPos({start.x + (space.x - icon_size.x) / 2, y});
        ImGui::TextColored(with_alpha(color(Meaning::muted), 0.55f), "%s", icon);
        ImGui::PopFont();
    }
    y += icon_height;
    ImGui::SetCursorPos({start.x + (space.x - size.x) / 2, y});
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    ImGui::PushTextWrapPos(start.x + (space.x - size.x) / 2 + size.x + 1);
    plain_text(text);
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    if (action.empty()) return false;
    const std::string label(action);
    const float button_width =
        ImGui::CalcTextSize(label.c_str(), nullptr, true).x + 2 * ImGui::GetStyle().FramePadding.x;
    ImGui::SetCursorPos({start.x + (space.x - button_width) / 2, y + size.y + scaled(10)});
    return accent_button(label.c_str());
}

void status_dot(Meaning meaning) {
    const float line = ImGui::GetTextLineHeight(), radius = scaled(4);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::GetWindowDrawList()->AddCircleFilled({at.x + radius + 1, at.y + line * 0.52f}, radius,
                                                packed(meaning));
    ImGui::Dummy({2 * radius + 2, line});
}

void badge(Meaning meaning, std::string_view text) {
    const ImVec2 size = size_of(text), at = ImGui::GetCursorScreenPos();
    const float dot = scaled(4), pad = scaled(8), height = ImGui::GetTextLineHeight() + scaled(4);
    const ImVec2 high(at.x + 3 * pad + dot + size.x, at.y + height);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(at, high, packed(meaning, 0.16f), height / 2);
    list->AddCircleFilled({at.x + pad + dot, at.y + height / 2}, dot, packed(meaning));
    list->AddText({at.x + 2 * pad + dot, at.y + (height - size.y) / 2}, packed(Meaning::text), begin_of(text),
                  end_of(text));
    ImGui::Dummy({high.x - at.x, height});
}

void legend_entry(Meaning meaning, std::string_view text) {
    const float line = ImGui::GetTextLineHeight(), side = scaled(9);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float top = at.y + (line - side) / 2 + 1;
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, top}, {at.x + side, top + side}, packed(meaning),
                                              scaled(2));
    ImGui::Dummy({side, line});
    ImGui::SameLine(0, scaled(5));
    plain_text(text);
}

void progress(float share, ImVec2 size) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy(size);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 end(at.x + size.x, at.y + size.y);
    list->AddRectFilled(at, end, packed(Meaning::control), size.y / 2);
    float from = 0, to = std::min(share, 1.0f);
    if (share < 0) {
        from = static_cast<float>(std::fmod(ImGui::GetTime() * 0.6, 1.3)) - 0.3f;
        to = std::min(from + 0.3f, 1.0f);
        from = std::max(from, 0.0f);
    }
    if (to > from)
        list->AddRectFilled({at.x + size.x * from, at.y}, {at.x + size.x * to, end.y},
                            packed(Meaning::accent), size.y / 2);
}

void texture(unsigned name, ImVec2 size, bool crisp, bool upside_down) {
    if (name == 0) return ImGui::Dummy(size);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImGuiPlatformIO& platform = ImGui::GetPlatformIO();
    if (crisp && platform.DrawCallback_SetSamplerNearest)
        list->AddCallback(platform.DrawCallback_SetSamplerNearest);
    const ImVec2 low(0, upside_down ? 1.0f : 0.0f), high(1, upside_down ? 0.0f : 1.0f);
    ImGui::Image(static_cast<ImTextureID>(name), size, low, high);
    if (crisp && platform.DrawCallback_SetSamplerLinear)
        list->AddCallback(platform.DrawCallback_SetSamplerLinear);
}

Rows::Rows(const char* id, float label_share) {
    open_ = ImGui::BeginTable(id, 2,
                              ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings |
                                  ImGuiTableFlags_PadOuterX);
    if (!open_) return;
    ImGui::TableSetupColumn("label", ImGuiTableColumnFlags_WidthStretch, label_share);
    ImGui::TableSetupColumn("control", ImGuiTableColumnFlags_WidthStretch, 1 - label_share);
}

Rows::~Rows() {
    if (open_) ImGui::EndTable();
}

void Rows::label(std::string_view text, std::string_view help, bool mark) {
    if (!open_) return;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::AlignTextToFramePadding();
    float width = ImGui::GetContentRegionAvail().x;
    if (mark) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::GetWindowDrawList()->AddCircleFilled({at.x - scaled(4), at.y + ImGui::GetFrameHeight() / 2},
                                                    scaled(2.5f), packed(Meaning::accent));
    }
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({at.x, at.y + ImGui::GetStyle().FramePadding.y});
    clipped_text(text, width);
    if (!help.empty()) help_tooltip(help, text);
    ImGui::TableNextColumn();
    ImGui::SetNextItemWidth(-FLT_MIN);
}

void Rows::value(std::string_view label_text, std::string_view value, std::string_view help,
                 std::string_view exact) {
    if (!open_) return;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    clipped_text(label_text, ImGui::GetContentRegionAvail().x);
    if (!help.empty()) help_tooltip(help, label_text);
    ImGui::TableNextColumn();
    {
        const TypeScope type(Type::mono);
        clipped_text(value, ImGui::GetContentRegionAvail().x);
    }
    if (!exact.empty()) help_tooltip(exact);
}

void Rows::number(std::string_view label_text, double number, std::string_view unit, std::string_view help) {
    value(label_text, format_value(number, unit), help, format_exact(number));
}

} // namespace ebm::window
