#pragma once

#include "app/window/panel.h"

#include <vector>

/// A panel is one file of this folder with a function `Panel NAME_panel()` and one line in panels.cpp.
namespace ebm::window {

/// Every panel of the program, in tab order within its place.
std::vector<Panel> all_panels();
/// Those that a second run has too, for comparing, with ids that begin with `b_`.
std::vector<Panel> second_panels();

} // namespace ebm::window

namespace ebm::panels {

/// Brings the panel that shows samples of this kind, points or pictures, to the front when the scene before,
/// perhaps that of the session before, had the other kind. Once a frame, before the panels are drawn.
void front_samples_of_kind(window::Shell& shell, const lab::Snapshot& snapshot);

} // namespace ebm::panels
