#pragma once

#include "app/window/action.h"

#include <string>
#include <vector>

namespace ebm::panels {

/// Open, save checkpoint, save scene.
std::vector<window::Action> file_actions();

/// Opens a checkpoint (.safetensors), a scene (.json), points (.csv) or images (.idx, .idx.gz, …-ubyte[.gz])
/// as the laboratory understands them; says what it can open when it is none of these.
void open_file(window::Context& context, const std::string& path);

} // namespace ebm::panels
