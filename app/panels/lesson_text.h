#pragma once

#include "app/window/theme.h"
#include "core/lab/lesson.h"

#include <string>

/// What a lesson says, as wide as there is room. Marks in sentences: see marked_text.h.
namespace ebm::panels {

constexpr float lesson_text_size = 17; ///< pixels at scale 1

void wrapped(const std::string& text);
/// `number` stands before it, a dot if it is empty.
void list_item(const std::string& text, const std::string& number);
/// In a box, broken into lines where it is too long.
void formula(const std::string& text);
/// An answer to click on, its text wrapped. `marked`: as the right one. Returns whether it was pressed.
bool choice_button(int index, const lab::Choice& choice, bool chosen, bool marked);
/// A sentence with an icon, both in the colour of what it means.
void verdict(window::Meaning meaning, const char* icon, const std::string& text);

} // namespace ebm::panels
