#pragma once

#include "app/window/context.h"
#include "core/lab/lesson.h"

#include <string>

namespace ebm::panels {

/// The lessons to choose from, with what was done of each. `finished`: name of the one that was finished just
/// now, after which the next is offered; may be empty.
void draw_lesson_list(window::Context& context, const std::string& finished);

/// Among the numbers that preferences keep of lessons: the step that a lesson was left at, from 0. Names of
/// files hold no slash, so it is the name of no lesson.
std::string step_key(const lab::Lesson& lesson);
/// A number that preferences keep of lessons; 0 if there is none.
int kept_number(const window::Shell& shell, const std::string& key);

} // namespace ebm::panels
