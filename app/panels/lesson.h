#pragma once

#include "app/window/action.h"
#include "core/base/error.h"
#include "core/lab/lesson.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace ebm::panels {

/// Opens the lesson at the step at which it was left, beside the panels that it needs, and its scene; without
/// `opens` the scene of its first step is open already. Throws std::logic_error if there is no lesson of this
/// name.
void begin_lesson(window::Context& context, std::string_view name, bool opens = true);
/// Adds a lesson of a person's own to those that are offered, and begins it with the next frame. One that
/// names what the window does not have is refused.
void open_lesson(window::Shell& shell, const lab::Lesson& lesson);
/// Says why a lesson of a person's own cannot be taken: in the log, in the status bar and in the list of
/// lessons.
void refuse_lesson(window::Shell& shell, const std::filesystem::path& file, const Error& why);
/// Whether a lesson is being taken.
bool takes_lesson();
/// Next step, step before, what "Show me" does, and the list of lessons.
std::vector<window::Action> lesson_actions();
/// One for each lesson.
std::vector<window::Action> actions_of_lessons();

} // namespace ebm::panels
