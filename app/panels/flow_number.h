#pragma once

namespace ebm::panels {

/// A label and a whole number to drag, on the same line if both still fit there. Returns whether it changed.
bool flow_number(const char* label, const char* id, int& value, int low, int high, const char* help);

} // namespace ebm::panels
