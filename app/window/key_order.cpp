#include "app/window/key_order.h"

#include <imgui.h>
#include <imgui_internal.h>

namespace ebm::window {
namespace {

bool is_modifier(ImGuiKey key) {
    return (key >= ImGuiKey_LeftCtrl && key <= ImGuiKey_RightSuper) || (key & ImGuiMod_Mask_) != 0;
}

} // namespace

void hold_back_releases(ImVector<ImGuiInputEvent>& held) {
    ImVector<ImGuiInputEvent>& events = ImGui::GetCurrentContext()->InputEventsQueue;
    bool pressed = false;
    for (int i = 0; i < events.Size; ++i) {
        const ImGuiInputEvent& event = events[i];
        if (event.Type != ImGuiInputEventType_Key) continue;
        const bool modifier = is_modifier(event.Key.Key);
        pressed |= event.Key.Down && !modifier && !ImGui::IsKeyDown(event.Key.Key);
        if (!pressed || event.Key.Down || !modifier) continue;
        for (int k = i; k < events.Size; ++k)
            held.push_back(events[k]);
        events.resize(i);
        return;
    }
}

void give_back_releases(ImVector<ImGuiInputEvent>& held) {
    for (const ImGuiInputEvent& event : held)
        ImGui::GetCurrentContext()->InputEventsQueue.push_back(event);
    held.clear();
}

} // namespace ebm::window
