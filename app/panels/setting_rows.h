#pragma once

#include "app/window/setting_editor.h"

#include <functional>
#include <string_view>
#include <vector>

/// Settings as rows: label left, control right, in columns that are the same through a whole panel.
namespace ebm::panels {

/// Between these two the rows of a panel share their columns.
bool begin_rows(const char* id);
void end_rows();
/// A row of read-only text in the same columns; `tooltip` may be empty.
void reading_row(const char* label, const std::string& value, std::string_view tooltip = {});
/// A row with a control of its own, `height` pixels high.
void control_row(const char* label, float height, const std::function<void()>& control,
                 std::string_view tooltip);

/// One setting with tooltip, changed mark and right-click reset.
void setting_row(window::SettingEditor& editor, const Setting& row, const lab::Snapshot& snapshot);
/// The rows of `group` that belong to the scene: basic ones, and behind "more" the advanced ones.
void setting_group(window::SettingEditor& editor, std::string_view group, const lab::Snapshot& snapshot);
/// Every row that matches `query`, whatever its tier, under the titles of their groups. Returns how many.
int found_settings(window::SettingEditor& editor, std::string_view query, const lab::Snapshot& snapshot);
/// The full explanation of a row as a tooltip, now: whoever calls it has seen the mouse over what stands for
/// it.
void explain_setting(const Setting& row, const window::SettingEditor& editor, std::string_view idle);

} // namespace ebm::panels
