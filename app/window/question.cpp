#include "app/window/question.h"

#include "app/window/theme.h"
#include "app/window/widgets.h"

#include <imgui.h>

namespace ebm::window {

void Questions::ask(Question question) {
    question_ = std::move(question);
    opening_ = true;
}

void Questions::draw() {
    if (!question_) return;
    if (question_->update) question_->update(*question_);
    if (question_->answered) {
        const std::function<void()> run = question_->answered;
        question_.reset();
        return run();
    }
    const std::string name = question_->title + "###question";
    // Not in the way of somebody who types a command: what the next Enter means would change.
    if (opening_ && ImGui::IsPopupOpen("command_palette")) return;
    if (opening_) ImGui::OpenPopup(name.c_str());
    opening_ = false;
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport.GetCenter(), ImGuiCond_Always, {0.5f, 0.5f});
    ImGui::SetNextWindowSize({std::min(scaled(560.0f), viewport.WorkSize.x - scaled(32.0f)), 0});
    bool stays = true;
    if (!ImGui::BeginPopupModal(name.c_str(), &stays,
                                ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoSavedSettings)) {
        opening_ = true; // something else took the focus: only an answer ends a question
        return;
    }
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(question_->text.c_str());
    ImGui::PopTextWrapPos();
    ImGui::Spacing();
    if (question_->controls) {
        question_->controls();
        ImGui::Spacing();
    }
    std::function<void()> chosen;
    bool first = true;
    for (const Question::Answer& answer : question_->answers) {
        ImGui::BeginDisabled(!answer.refusal.empty());
        const ImVec2 size{ImGui::GetContentRegionAvail().x, 0};
        const bool pressed =
            first ? accent_button(answer.label.c_str(), size) : ImGui::Button(answer.label.c_str(), size);
        if (first && ImGui::IsWindowAppearing()) ImGui::SetItemDefaultFocus();
        ImGui::EndDisabled();
        if (!answer.refusal.empty() && ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled))
            ImGui::SetTooltip("%s", answer.refusal.c_str());
        if (pressed) chosen = answer.run;
        first = false;
    }
    // The Escape that closes a list of the question is not meant for the question.
    const bool escape = !list_open_ && ImGui::IsKeyPressed(ImGuiKey_Escape, false);
    list_open_ = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId);
    const bool cancelled = ImGui::Button("Cancel", {ImGui::GetContentRegionAvail().x, 0}) || !stays || escape;
    if (chosen || cancelled) ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
    if (!chosen && !cancelled) return;
    question_.reset();
    if (chosen) chosen(); // it may ask the next question
}

} // namespace ebm::window
