#pragma once

#include "core/base/embedded.h"

#include <span>

/// Files that the build puts inside the program, so that it runs from any folder.
namespace ebm {

std::span<const EmbeddedFile> shader_files();
std::span<const EmbeddedFile> font_files();

/// Throws std::logic_error if there is no such file: a name is fixed when the program is built.
std::string_view embedded(std::span<const EmbeddedFile> files, std::string_view name);

} // namespace ebm
