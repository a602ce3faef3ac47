#pragma once

#include "core/base/error.h"

#include <exception>
#include <filesystem>
#include <optional>
#include <string>

namespace ebm {

/// What the operating system refused, in plain words. `code` is a value of errno, `what_happened` a sentence
/// without a full stop: "The file could not be read".
Error system_error(const std::string& what_happened, const std::filesystem::path& path, int code);

/// The ordinary conditions that the standard library and LibTorch report as exceptions of their own, in plain
/// words: no memory, no more threads, a file or folder that cannot be used. Nothing for anything else.
std::optional<Error> explained(const std::exception& error);

/// Throws Error unless `count` threads can run beside the caller. Libraries that start threads end the
/// program where the system gives none.
void require_threads(int count);

/// Throws Error if the current folder was deleted or may not be entered.
void require_current_folder();

} // namespace ebm
