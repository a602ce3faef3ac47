#pragma once

#include <string>
#include <string_view>

namespace ebm::panels {

/// What the panel shows, how to read it, its equation and what can be done there: the text behind its “?” and
/// F1. Empty for an id that is not in the table of help.cpp.
std::string help_text(std::string_view panel);

} // namespace ebm::panels
