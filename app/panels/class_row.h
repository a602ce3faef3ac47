#pragma once

#include "app/panels/selection.h"
#include "app/window/context.h"

namespace ebm::panels {

/// Of a conditional model: which class the chains are asked for, and a start from data of one class, of the
/// selected chains or, without any, of all. Both together make chains cross from one class to another.
void class_row(window::Context& context, const Selection& selection);

/// The classes as items of a menu that restarts `which` (all if empty) from data of one of them.
void start_from_class_menu(window::Context& context, const std::vector<std::int64_t>& which);
/// Whether there are labelled data to start from.
bool can_start_from_class(const lab::Snapshot& snapshot);

} // namespace ebm::panels
