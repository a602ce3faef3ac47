#include "app/window/key_order.h"

#include <doctest/doctest.h>
#include <imgui.h>
#include <imgui_internal.h>

using namespace ebm::window;

namespace {

/// Frames without a window, of which only the keys matter.
class Keyboard {
public:
    Keyboard() : before_(ImGui::GetCurrentContext()), context_(ImGui::CreateContext()) {
        ImGui::SetCurrentContext(context_);
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr;
        io.DisplaySize = {640, 480};
        io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures;
    }
    ~Keyboard() {
        ImGui::DestroyContext(context_);
        ImGui::SetCurrentContext(before_);
    }

    void key(ImGuiKey key, bool down) const {
        ImGuiIO& io = ImGui::GetIO();
        if (key == ImGuiKey_LeftCtrl) io.AddKeyEvent(ImGuiMod_Ctrl, down);
        io.AddKeyEvent(key, down);
    }
    /// Whether Ctrl+P was pressed in this frame.
    bool frame() const {
        ImVector<ImGuiInputEvent> held;
        hold_back_releases(held);
        ImGui::NewFrame();
        give_back_releases(held);
        const bool pressed = ImGui::IsKeyChordPressed(ImGuiMod_Ctrl | ImGuiKey_P);
        ImGui::EndFrame();
        return pressed;
    }

private:
    ImGuiContext *before_, *context_;
};

} // namespace

DOCTEST_TEST_CASE("keys: a chord that is let go of within a frame was pressed once") {
    // Ctrl comes a frame before, or all of it at once; Ctrl or P goes first.
    for (const bool early : {true, false})
        for (const bool ctrl_first : {true, false}) {
            DOCTEST_CAPTURE(early);
            DOCTEST_CAPTURE(ctrl_first);
            const Keyboard keyboard;
            DOCTEST_CHECK_FALSE(keyboard.frame());
            for (int round = 0; round < 2; ++round) {
                keyboard.key(ImGuiKey_LeftCtrl, true);
                if (early) DOCTEST_CHECK_FALSE(keyboard.frame());
                keyboard.key(ImGuiKey_P, true);
                keyboard.key(ctrl_first ? ImGuiKey_LeftCtrl : ImGuiKey_P, false);
                keyboard.key(ctrl_first ? ImGuiKey_P : ImGuiKey_LeftCtrl, false);
                int pressed = 0;
                for (int frame = 0; frame < 4; ++frame)
                    pressed += keyboard.frame();
                DOCTEST_CHECK(pressed == 1);
                DOCTEST_CHECK_FALSE(ImGui::GetIO().KeyCtrl);
                DOCTEST_CHECK_FALSE(ImGui::IsKeyDown(ImGuiKey_P));
            }
        }
}
