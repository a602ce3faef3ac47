#pragma once

#include "core/base/marks.h"

#include <imgui.h>
#include <string>

/// Text with the marks of core/base/marks.h on the screen.
namespace ebm::window {

/// In lines that are no wider than `width` where a blank allows that, in the font and size of now.
ImVec2 marked_text_size(const std::string& text, float width);
void draw_marked_text(ImDrawList& list, ImVec2 at, ImU32 ink, const std::string& text, float width);
/// The same as an item of the window, as wide as there is room.
void marked_text(const std::string& text);

} // namespace ebm::window
