#include "app/window/action.h"

#include "app/window/pointing.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <imcmd_fuzzy_search.h>
#include <imgui_internal.h>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace ebm::window {
namespace {

std::vector<ImGuiKeyChord> chords_of(const Action& action) {
    std::vector<ImGuiKeyChord> chords = action.other_shortcuts;
    if (action.shortcut != 0) chords.push_back(action.shortcut);
    return chords;
}

/// Whether the keys write a letter into a text field.
bool writes(ImGuiKeyChord chord) {
    const auto key = static_cast<ImGuiKey>(chord & ~ImGuiMod_Mask_);
    return (chord & (ImGuiMod_Ctrl | ImGuiMod_Alt | ImGuiMod_Super)) == 0 &&
           !(key >= ImGuiKey_F1 && key <= ImGuiKey_F24);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& letter : out)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return out;
}

/// How well a title fits what was typed: 4 it is the same, 3 it begins so, 2 a word of it does, 1 it is
/// inside, 0 only its letters are there.
int closeness(const std::string& title, const std::string& text) {
    if (title == text) return 4;
    const std::size_t at = title.find(text);
    if (at == std::string::npos) return 0;
    return at == 0 ? 3 : title[at - 1] == ' ' ? 2 : 1;
}

} // namespace

std::vector<const Action*> matching_actions(const Actions& actions, std::string_view text,
                                            const Context& context) {
    struct Match {
        const Action* action;
        bool usable;
        int close, score;
    };
    std::vector<Match> found;
    const std::string wanted = lower(text);
    for (const Action& action : actions.all()) {
        int score = 0;
        if (!text.empty() && !ImCmd::FuzzySearch(wanted.c_str(), action.title.c_str(), score)) continue;
        found.push_back({&action, refusal_of(action, context).empty(),
                         text.empty() ? 0 : closeness(lower(action.title), wanted), score});
    }
    std::stable_sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
        // Letters that lie scattered over a title are no better than the word itself that cannot be used now.
        return std::tuple(a.close > 0, a.usable, a.close, a.score) >
               std::tuple(b.close > 0, b.usable, b.close, b.score);
    });
    std::vector<const Action*> out;
    for (const Match& match : found)
        out.push_back(match.action);
    return out;
}

void Actions::add(Action action) {
    if (find(action.id)) throw std::logic_error("two actions are called " + action.id);
    for (const ImGuiKeyChord chord : chords_of(action))
        for (const Action& other : actions_)
            if (std::ranges::count(chords_of(other), chord) > 0)
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

void Actions::handle_shortcuts(Context& context, bool typing) const {
    for (const Action& action : actions_) {
        const ImGuiInputFlags flags =
            ImGuiInputFlags_RouteGlobal | (action.repeats ? ImGuiInputFlags_Repeat : ImGuiInputFlags_None);
        if (action.leaves_lesson && context.shell.shows_only_some()) continue;
        bool pressed = false;
        for (const ImGuiKeyChord chord : chords_of(action))
            if (!(typing && writes(chord))) pressed |= ImGui::Shortcut(chord, flags);
        if (pressed) run(action.id, context);
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
    pointable("action", id);
    if (pressed && refusal.empty()) action->run(context);
    return pressed;
}

} // namespace ebm::window
