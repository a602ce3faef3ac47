#pragma once

#include "app/window/display.h"

#include <imgui.h>

namespace ebm::window {

/// The part of a frame between two corners, drawn apart from the window with FramebufferScale pixels for each
/// of the window's lengths (fewer if that would be more than a picture can have). Empty without graphics, and
/// where the part lies outside.
Pixels picture_of_frame(ImDrawData frame, ImVec2 low, ImVec2 high);

} // namespace ebm::window
