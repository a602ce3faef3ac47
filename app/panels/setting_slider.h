#pragma once

#include "core/settings/settings.h"

#include <string>

namespace ebm::panels {

/// What a control did in this frame.
struct Edited {
    bool changed = false;  ///< `value` is new
    bool released = false; ///< the edit is over: mouse up, Enter, focus lost
};

/// A slider over a row's range that shows `text` and fills the width given by SetNextItemWidth. Ctrl-click
/// types. Where the range has both signs, it is filled from 0.
Edited setting_slider(const char* id, const Setting& row, double& value, const std::string& text);

} // namespace ebm::panels
