#pragma once

#include "app/window/action.h"

#include <string_view>
#include <vector>

namespace ebm::panels {

/// Opens the lesson at the step at which it was left, beside the panels that it needs, and its scene; without
/// `opens` the scene of its first step is open already. Throws std::logic_error if there is no lesson of this
/// name.
void begin_lesson(window::Context& context, std::string_view name, bool opens = true);
/// Whether a lesson is being taken.
bool takes_lesson();
/// Next step, step before, what "Show me" does, the list of lessons, and one for each lesson.
std::vector<window::Action> lesson_actions();

} // namespace ebm::panels
