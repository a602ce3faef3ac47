#include "app/panels/setting_slider.h"

#include "app/panels/slider_scale.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>

#include <imgui.h>
#include <imgui_internal.h>

namespace ebm::panels {
namespace {

/// Types a value into the slider's frame; applied on Enter or when focus is lost.
Edited typed(const ImRect& frame, ImGuiID id, const char* label, const Setting& row, double& value) {
    double entered = value;
    const char* format = row.type == SettingType::integer ? "%.0f" : "%.9g";
    Edited edited;
    if (ImGui::TempInputScalar(frame, id, label, ImGuiDataType_Double, &entered, format) &&
        std::isfinite(entered)) {
        if (row.type == SettingType::integer) entered = std::round(entered);
        entered = std::clamp(entered, row.low, row.high);
        edited.changed = entered != value;
        value = entered;
    }
    edited.released = ImGui::IsItemDeactivated();
    return edited;
}

/// `from`, `position`: of the frame's width, where the filled part begins and ends.
void draw(const ImRect& frame, ImGuiID id, bool hovered, float from, float position,
          const std::string& text) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImGuiStyle& style = ImGui::GetStyle();
    const bool active = ImGui::GetActiveID() == id;
    const float alpha = style.Alpha;
    ImGui::RenderNavCursor(frame, id);
    const ImGuiCol back = active    ? ImGuiCol_FrameBgActive
                          : hovered ? ImGuiCol_FrameBgHovered
                                    : ImGuiCol_FrameBg;
    list.AddRectFilled(frame.Min, frame.Max, ImGui::GetColorU32(back), style.FrameRounding);
    const float at = frame.Min.x + position * frame.GetWidth();
    const float origin = frame.Min.x + from * frame.GetWidth();
    if (std::abs(at - origin) > 1) {
        list.PushClipRect({std::min(at, origin), frame.Min.y}, {std::max(at, origin), frame.Max.y}, true);
        list.AddRectFilled(frame.Min, frame.Max,
                           window::packed(window::Meaning::accent, alpha * (active ? 0.5f : 0.34f)),
                           style.FrameRounding);
        list.PopClipRect();
    }
    // The handle shows when it can be taken; at rest it would stand in the number.
    if (active || hovered) {
        const float mark = std::clamp(at, frame.Min.x + 2, frame.Max.x - 2),
                    half = std::max(1.0f, frame.GetHeight() / 18);
        list.AddRectFilled({mark - half, frame.Min.y + 2}, {mark + half, frame.Max.y - 2},
                           window::packed(window::Meaning::accent, alpha), half);
    }
    window::note_room(text, ImGui::CalcTextSize(text.c_str()).x, frame.GetWidth());
    ImGui::RenderTextClipped(frame.Min, frame.Max, text.c_str(), nullptr, nullptr, {0.5f, 0.5f});
}

} // namespace

Edited setting_slider(const char* label, const Setting& row, double& value, const std::string& text) {
    ImGuiWindow* window = ImGui::GetCurrentWindow();
    Edited edited;
    if (window->SkipItems) return edited;
    const ImGuiID id = window->GetID(label);
    const ImVec2 at = window->DC.CursorPos;
    const ImRect frame(at.x, at.y, at.x + ImGui::CalcItemWidth(), at.y + ImGui::GetFrameHeight());
    ImGui::ItemSize(frame, ImGui::GetStyle().FramePadding.y);
    if (!ImGui::ItemAdd(frame, id, &frame, ImGuiItemFlags_Inputable)) return edited;

    ImGuiContext& g = *ImGui::GetCurrentContext();
    const bool hovered = ImGui::ItemHoverable(frame, id, g.LastItemData.ItemFlags);
    bool typing = ImGui::TempInputIsActive(id);
    if (!typing) {
        const bool clicked =
            hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Left, ImGuiInputFlags_None, id);
        const bool focused = g.NavActivateId == id;
        if (clicked) ImGui::SetKeyOwner(ImGuiKey_MouseLeft, id);
        typing =
            (clicked && g.IO.KeyCtrl) || (focused && (g.NavActivateFlags & ImGuiActivateFlags_PreferInput));
        if ((clicked || focused) && !typing) {
            ImGui::SetActiveID(id, window);
            ImGui::SetFocusID(id, window);
            ImGui::FocusWindow(window);
            g.ActiveIdUsingNavDirMask |= (1 << ImGuiDir_Left) | (1 << ImGuiDir_Right);
        }
    }
    if (typing) return typed(frame, id, label, row, value);

    const SliderScale scale(row);
    const float before = static_cast<float>(scale.position(value));
    float position = before;
    const float low = 0, high = 1;
    ImRect grab;
    const bool moved = ImGui::SliderBehavior(frame, id, ImGuiDataType_Float, &position, &low, &high, "%.6f",
                                             ImGuiSliderFlags_NoRoundToFormat, &grab);
    if (moved) {
        double next = scale.value(position);
        const bool keys =
            g.ActiveIdSource == ImGuiInputSource_Keyboard || g.ActiveIdSource == ImGuiInputSource_Gamepad;
        if (keys) next = scale.stepped(value, position > before ? 1 : -1);
        edited.changed = next != value;
        value = next;
        if (edited.changed) ImGui::MarkItemEdited(id);
    }
    edited.released = ImGui::IsItemDeactivated();
    const bool both_signs = row.scale == Scale::linear && row.low < 0 && row.high > 0;
    draw(frame, id, hovered, both_signs ? static_cast<float>(scale.position(0)) : 0,
         static_cast<float>(scale.position(value)), text);
    IMGUI_TEST_ENGINE_ITEM_INFO(id, label, g.LastItemData.StatusFlags | ImGuiItemStatusFlags_Inputable);
    return edited;
}

} // namespace ebm::panels
