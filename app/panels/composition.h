#pragma once

#include "app/window/setting_editor.h"

namespace ebm::panels {

/// Of a scene whose energy has parts: how they are joined, and for each part its weight as a slider and,
/// where it has classes, the one that it is asked for. Rows of setting_rows.h.
void composition_rows(window::SettingEditor& editor, const lab::Snapshot& snapshot);

} // namespace ebm::panels
