#pragma once

#include "app/window/action.h"

#include <string>
#include <vector>

namespace ebm::panels {

/// Open, save checkpoint, save scene.
std::vector<window::Action> file_actions();

} // namespace ebm::panels
