#pragma once

#include "app/window/context.h"

#include <deque>
#include <functional>
#include <imgui.h>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::window {

/// Something that a person can do. One record feeds menu, toolbar, shortcut, command palette and the shortcut
/// list.
struct Action {
    std::string id{};    ///< "run"
    std::string title{}; ///< "Run"; menu and palette
    std::string icon{};  ///< of icons.h; may be empty
    std::string menu{};  ///< "File", "Edit", "Run", "View", "Help"; empty = palette and shortcut only
    ImGuiKeyChord shortcut = 0;
    std::vector<ImGuiKeyChord> other_shortcuts{}; ///< other keys for the same
    std::string tooltip{};                        ///< what it does, when the title does not say it all
    std::function<void(Context&)> run{};
    /// Why it cannot be used now; empty = it can. Missing = always usable.
    std::function<std::string(const Context&)> refusal{};
    /// For switches: whether it is on.
    std::function<bool(const Context&)> checked{};
    bool separator_before = false; ///< in its menu
    bool repeats = false;          ///< while the shortcut is held
    bool leaves_lesson = false;    ///< its shortcut does nothing while a lesson arranges the panels
};

/// All actions of the window, in the order in which menus show them.
class Actions {
public:
    /// Throws std::logic_error if the id or a shortcut is taken.
    void add(Action action);
    const std::deque<Action>& all() const { return actions_; }
    /// nullptr if there is none.
    const Action* find(std::string_view id) const;
    /// Runs it unless it is refused; returns whether it ran. Throws std::logic_error on an unknown id.
    bool run(std::string_view id, Context& context) const;
    /// Runs the action whose shortcut was pressed in this frame. `typing`: keys that write something are not
    /// taken for shortcuts, unless Ctrl or Alt is held.
    void handle_shortcuts(Context& context, bool typing) const;
    /// The items of one menu, which is open, and behind the first what `after_first` draws.
    void draw_menu(std::string_view menu, Context& context, const std::function<void()>& after_first) const;

private:
    std::deque<Action> actions_;
};

/// The actions that a person may mean by `text`: those that can be used before those that cannot, and within
/// both a title that is, begins with or has the text before one that has only its letters in this order.
std::vector<const Action*> matching_actions(const Actions& actions, std::string_view text,
                                            const Context& context);

/// Empty if it can be used.
std::string refusal_of(const Action& action, const Context& context);
/// "Ctrl+Shift+Z"; empty for 0.
std::string shortcut_text(ImGuiKeyChord chord);

/// A toolbar button for an action: icon (or title), greyed with the reason as tooltip when refused.
bool action_button(std::string_view id, Context& context, bool with_title = false);

} // namespace ebm::window
