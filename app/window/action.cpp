#include "app/window/action.h"

#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cstring>
#include <imgui_internal.h>
#include <stdexcept>
#include <utility>

namespace ebm::window {

void Actions::add(Action action) {
    if (find(action.id)) throw std::logic_error("two actions are called " + action.id);
    for (const ImGuiKeyChord chord : {action.shortcut, action.second_shortcut})
        for (const Action& other : actions_)
            if (chord != 0 && (chord == other.shortcut || chord == other.second_shortcut))
                throw std::logic_error(action.id + " and " + other.id + " have the same shortcut " +
                                       shortcut_text(chord));
    actions_.push_back(std::move(action));
}

const Action* Actions::find(std::string_view id) const {
    const auto found =
        std::find_if(actions_.begin(), actions_.end(), [id](const Action& a) { return a.id == id; });
    return found == actions_.end() ? nullptr : &*found;
}

bool Actions::run(std::string_view id, Context& context) const {
    const Action* action = find(id);
    if (!action) throw std::logic_error("no action is called " + std::string(id));
    const std::string refusal = refusal_of(*action, context);
    if (!refusal.empty()) {
        context.shell.say(refusal, Meaning::attention);
        return false;
    }
    action->run(context);
    return true;
}

void Actions::handle_shortcuts(Context& context) const {
    for (const Action& action : actions_) {
        const ImGuiInputFlags flags =
            ImGuiInputFlags_RouteGlobal | (action.repeats ? ImGuiInputFlags_Repeat : ImGuiInputFlags_None);
        const bool first = action.shortcut != 0 && ImGui::Shortcut(action.shortcut, flags);
        const bool second = action.second_shortcut != 0 && ImGui::Shortcut(action.second_shortcut, flags);
        if (first || second) run(action.id, context);
    }
}

void Actions::draw_menu(std::string_view menu, Context& context,
                        const std::function<void()>& after_first) const {
    bool first = true;
    for (const Action& action : actions_) {
        if (action.menu != menu) continue;
        if (action.separator_before && !first) ImGui::Separator();
        const std::string refusal = refusal_of(action, context);
        const bool on = action.checked && action.checked(context);
        const std::string shortcut = shortcut_text(action.shortcut);
        if (ImGui::MenuItemEx((action.title + "###" + action.id).c_str(), action.icon.c_str(),
                              shortcut.c_str(), on, refusal.empty()))
            action.run(context);
        if (!refusal.empty())
            help_tooltip(refusal);
        else if (!action.tooltip.empty())
            help_tooltip(action.tooltip);
        if (std::exchange(first, false)) after_first();
    }
}

std::string refusal_of(const Action& action, const Context& context) {
    return action.refusal ? action.refusal(context) : std::string();
}

std::string shortcut_text(ImGuiKeyChord chord) {
    if (chord == 0) return "";
    std::string text = ImGui::GetKeyChordName(chord);
    // What is printed on the keys.
    for (const auto& [name, sign] : {std::pair("Equal", "+"), std::pair("Minus", "\u2212")})
        if (text.ends_with(name)) text.replace(text.size() - std::strlen(name), std::string::npos, sign);
    return text;
}

bool action_button(std::string_view id, Context& context, bool with_title) {
    const Action* action = context.shell.actions().find(id);
    if (!action) throw std::logic_error("no action is called " + std::string(id));
    const std::string refusal = refusal_of(*action, context);
    const bool on = action->checked && action->checked(context);
    bool pressed = false;
    if (with_title || action->icon.empty()) {
        ImGui::BeginDisabled(!refusal.empty());
        const std::string label =
            (action->icon.empty() ? "" : action->icon + "  ") + action->title + "###" + action->id;
        pressed = ImGui::Button(label.c_str());
        ImGui::EndDisabled();
        help_tooltip(refusal.empty() ? action->tooltip : refusal, {}, shortcut_text(action->shortcut));
    } else {
        pressed = icon_button(action->id.c_str(), action->icon.c_str(), {}, on, refusal.empty());
        const std::string text = refusal.empty() ? action->tooltip : refusal;
        help_tooltip(text, action->title, shortcut_text(action->shortcut));
    }
    if (pressed && refusal.empty()) action->run(context);
    return pressed;
}

} // namespace ebm::window
