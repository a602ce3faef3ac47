#pragma once

#include "app/window/action.h"

#include <string>
#include <vector>

namespace ebm::panels {

/// Open, save checkpoint, save scene.
std::vector<window::Action> file_actions();

/// Opens a checkpoint (.safetensors) or a scene (.json), and asks what any other file or folder is for.
void open_file(window::Context& context, const std::string& path);

} // namespace ebm::panels
