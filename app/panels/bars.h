#pragma once

#include "app/window/context.h"

namespace ebm::panels {

/// Transport, pace, scene and state in one line; device and kernel at the right.
void draw_top_bar(window::Context& context);
/// What is under way or was just said, and the size of things.
void draw_status_bar(window::Context& context);
/// The newest problem over the middle of the window, until it is closed or another takes its place.
void draw_problem(window::Context& context);

} // namespace ebm::panels
