#include "app/panels/bars.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <utility>

#include <imgui.h>

namespace ebm::panels {

using window::Meaning;
using window::scaled;

void ProblemBanner::close() {
    if (shown_) closed_ = shown_->number;
    shown_.reset();
}

void ProblemBanner::draw(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const bool failed = s.state == lab::State::failed;
    // A run that goes on, or another scene, leaves its failure behind.
    const std::string scene = s.scene.name + "\n" + s.scene.title;
    const bool other = std::exchange(scene_, scene) != scene;
    if ((std::exchange(failed_, failed) && !failed) || other) close();
    // Who changes a setting has read what was refused. The log keeps it.
    if (shown_ && !failed && s.settings != settings_) close();
    if (s.problem && s.problem->number != closed_) {
        if (!shown_ || shown_->number != s.problem->number) settings_ = s.settings;
        shown_ = s.problem;
    }
    if (!shown_) return;
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    const float width = std::min(scaled(620), viewport.WorkSize.x - scaled(40));
    ImGui::SetNextWindowPos({viewport.WorkPos.x + viewport.WorkSize.x / 2, viewport.WorkPos.y + scaled(64)},
                            ImGuiCond_Always, {0.5f, 0});
    ImGui::SetNextWindowSize({width, 0});
    if (ImGui::Begin("###problem", nullptr,
                     ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoDocking |
                         ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoMove |
                         ImGuiWindowFlags_NoFocusOnAppearing)) {
        window::banner("problem", failed ? Meaning::failure : Meaning::attention, shown_->text,
                       shown_->remedy);
        bool done = false;
        if (failed && s.roll_back_iteration >= 0) {
            const std::string label =
                "Roll back to iteration " + window::format_count(s.roll_back_iteration) + "###roll back";
            if (window::accent_button(label.c_str())) {
                context.send(lab::RollBack{});
                done = true;
            }
            ImGui::SameLine();
        }
        if (failed) {
            if (ImGui::Button("Reset")) {
                context.send(lab::Reset{});
                done = true;
            }
            ImGui::SameLine();
        }
        if (ImGui::Button("Close") || ImGui::Shortcut(ImGuiKey_Escape, ImGuiInputFlags_RouteGlobal))
            done = true;
        if (done) close();
    }
    ImGui::End();
}

} // namespace ebm::panels
