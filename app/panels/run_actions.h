#pragma once

#include "app/window/action.h"

#include <vector>

namespace ebm::panels {

/// Transport, scenes and undo: what the top bar, the menus and the keys do.
std::vector<window::Action> run_actions();

} // namespace ebm::panels
