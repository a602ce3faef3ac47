#pragma once

#include "app/window/panel.h"

#include <vector>

/// A panel is one file of this folder with a function `Panel NAME_panel()` and one line in panels.cpp.
namespace ebm::window {

/// Every panel of the program, in tab order within its place.
std::vector<Panel> all_panels();

} // namespace ebm::window
