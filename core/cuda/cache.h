#pragma once

#include <filesystem>
#include <optional>
#include <string>

/// Compiled kernels on disk, one file a key: magic, length and SHA-256 of key and code, then the code. A
/// folder that cannot be used costs a compilation, never an error; nothing that is read from it reaches the
/// driver unless it is what was written under this key. Folder and files must belong to the user and be
/// writable for nobody else.
namespace ebm::cuda {

/// $XDG_CACHE_HOME/ebmlab/kernels, ~/.cache/ebmlab/kernels; empty without either.
std::filesystem::path cache_folder();

/// Nothing if there is no file, or if it is cut, changed, foreign or another key's.
std::optional<std::string> read_cache(const std::filesystem::path& folder, const std::string& key);
/// As a whole or not at all, whoever else writes at the same time. Makes the folder, with mode 0700.
void write_cache(const std::filesystem::path& folder, const std::string& key, const std::string& code);

} // namespace ebm::cuda
