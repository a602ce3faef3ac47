#pragma once

#include "app/window/shell.h"

namespace ebm::window {

/// The shell with everything that EBM Lab puts into it: panels, actions, bars, file formats.
ShellOptions program_options();

} // namespace ebm::window
