#pragma once

#include "app/window/context.h"

#include <string>

namespace ebm::panels {

/// A dropped or chosen file or folder, whatever its name is: a checkpoint, a scene or a lesson opens; of
/// points and pictures the window asks what they are for (OOD set, start of the live chains, data to learn
/// from); of anything else it says what it is. The file is looked at on another thread.
void open_file(window::Context& context, const std::string& path);

/// Takes over an edit of the settings that chooses data of a person's own, see SettingEditor::take_over: asks
/// for the file or folder where none is named, and as open_file does what a named one is for, which lets the
/// person choose the columns of a table.
bool choose_own_data(window::Shell& shell, const Setting& row, const std::string& value,
                     const Settings& shown);

} // namespace ebm::panels
