#pragma once

#include "app/window/action.h"

#include <functional>
#include <string>
#include <vector>

namespace ebm::window {

/// Where a panel sits in the default layout. Panels of one place are tabs of one group.
enum class Place { lesson, left, left_low, centre, right, right_low, bottom, bottom_right, floating };

/// A dockable window of the program.
struct Panel {
    std::string id{};          ///< "landscape"; names the window for good ("Landscape###landscape")
    std::string title{};       ///< on the tab
    std::string short_title{}; ///< on the tab where there is little room; empty = the title
    std::string icon{};
    Place place = Place::centre;
    std::string help{}; ///< F1 over the panel: what it shows and what can be done there
    std::function<void(Context&)> draw{};
    std::function<void(Context&)> closed{}; ///< called in each frame in which the panel is not open
    std::vector<Action> actions{};          ///< that belong to this panel
    bool open = true;                       ///< at first start
    bool flush = false;                     ///< no padding: the content fills the window to its edges
    std::vector<lab::View> views{};         ///< of the laboratory that it shows: others are not computed
    bool second = false;                    ///< shows run B, while there is one
    bool both_runs = false;                 ///< shows run A and run B: its views are needed of both
};

} // namespace ebm::window
