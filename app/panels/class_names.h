#pragma once

#include "app/window/setting_editor.h"
#include "core/lab/snapshot.h"

#include <span>
#include <string>
#include <vector>

/// Classes in the window: what they are called, which one the chains are asked for, and how to ask for
/// another.
namespace ebm::panels {

/// Whether the model has an energy for each class.
bool is_conditional(const lab::Snapshot& snapshot);
/// What label k is called; empty without classes.
const std::vector<std::string>& class_names(const lab::Snapshot& snapshot);
/// "Ankle boot"; "class 12" beyond the names; "–" for a label below 0.
std::string class_name(std::span<const std::string> names, std::int64_t label);

/// The value of sampler.ask for class `which`, −1 for each in turn: its name, or its number where the name
/// would ask for another class.
std::string asking_for(std::span<const std::string> names, int which);
/// The class that sampler.ask = `text` asks for, −1 for each in turn; −2 if there is no such class.
int asked_class(const std::vector<std::string>& names, std::string_view text);
/// "All, in turn" or the name.
std::string asked_words(const std::vector<std::string>& names, std::string_view text);

/// A list of the classes, as wide as ImGui::SetNextItemWidth says, that changes sampler.ask.
void class_picker(window::SettingEditor& editor, const lab::Snapshot& snapshot, const char* id);
/// The width at which class_picker shows every name whole, at most `most`.
float class_picker_width(std::span<const std::string> names, float most);

} // namespace ebm::panels
