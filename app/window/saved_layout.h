#pragma once

#include <string>
#include <string_view>

namespace ebm::window {

/// The dock node that fills the window between the bars; its number is part of saved layouts.
inline constexpr const char* dock_space_name = "EbmDockSpace";

/// Checks a saved layout before Dear ImGui gets it, which trusts what it reads and ends with a segmentation
/// fault where the tree of dock nodes is not sound. Accepted is only what Dear ImGui itself writes: known
/// sections and lines with numbers in range; one dock space; every other node under an earlier one or
/// floating, no number twice, exactly two children where a node is split and none elsewhere, one central
/// leaf; only panels docked, and in leaves. Returns the text to load: a panel that was docked in a node that
/// is gone, which Dear ImGui writes when a floating group was closed, floats. Throws Error that names the
/// line.
std::string sound_layout(std::string_view text);

} // namespace ebm::window
