#pragma once

#include "app/window/shell.h"
#include "core/lab/lessons.h"

namespace ebm::window {

/// The shell with everything that EBM Lab puts into it: panels, actions, bars, file formats.
/// Lessons that name what it does not have are left out.
ShellOptions program_options();
/// A person's own lessons are those of the configuration folder from now on. Before lessons are first asked
/// for.
void find_own_lessons();
/// What that shell has, for lessons.
lab::WindowIds window_ids();

} // namespace ebm::window
