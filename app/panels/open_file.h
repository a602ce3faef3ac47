#pragma once

#include "app/window/context.h"

#include <string>

namespace ebm::panels {

/// A dropped or chosen file or folder, whatever its name is: a checkpoint or a scene opens; of points and
/// pictures the window asks what they are for (OOD set, start of the live chains, data to learn from); of
/// anything else it says what it is. The file is looked at on another thread.
void open_file(window::Context& context, const std::string& path);

} // namespace ebm::panels
