#pragma once

#include "core/lab/scene.h"

#include <string_view>

/// A scene as a short text that can be pasted: a mark with the version, then its JSON packed and written in
/// 64 signs that mail and chat leave alone. A checksum inside tells damage.
namespace ebm::lab {

/// Whether `text` begins like one, whatever the rest is.
bool is_scene_text(std::string_view text);
/// Throws Error if the scene reads files of this machine, which a text cannot carry.
std::string scene_text(const Scene& scene);
/// Spaces and line breaks within are ignored; unknown keys are appended to `warnings`. Throws Error, also for
/// a text that names a file by an absolute path or one that leads up: it may come from anybody.
Scene parse_scene_text(std::string_view text, std::vector<std::string>& warnings);

} // namespace ebm::lab
