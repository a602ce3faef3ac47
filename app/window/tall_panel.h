#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ebm::window {

/// Gives one docked panel at least a part of the height that it shares with another, as long as it is wanted,
/// and the height that it had back afterwards, unless somebody has moved the border meanwhile.
class TallPanel {
public:
    /// The id of a panel; empty: none.
    void want(std::string_view panel) { wanted_ = panel; }
    /// Once a frame, after the panels.
    void update();
    /// The layout as Dear ImGui writes it, with the height that the panel had.
    std::string layout_text() const;

private:
    struct Grown {
        std::string panel;
        unsigned node = 0; ///< 0: the panel shares its height with none, or has enough of it
        float before = 0, now = 0;
    };
    void give_back();

    std::string wanted_;
    std::optional<Grown> grown_;
};

} // namespace ebm::window
