#pragma once

#include <filesystem>
#include <optional>
#include <string>

/// Compiled kernels on disk, one file a key. A folder that cannot be read or written costs a compilation,
/// never an error.
namespace ebm::cuda {

/// $XDG_CACHE_HOME/ebmlab/kernels, ~/.cache/ebmlab/kernels; empty without either.
std::filesystem::path cache_folder();

std::optional<std::string> read_cache(const std::filesystem::path& folder, const std::string& key);
/// As a whole or not at all, whoever else writes at the same time.
void write_cache(const std::filesystem::path& folder, const std::string& key, const std::string& code);

} // namespace ebm::cuda
