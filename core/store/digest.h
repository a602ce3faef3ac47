#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace ebm::store {

enum class DigestKind { sha256, md5 };

/// The digest of a file's content in lower-case hexadecimal digits. `progress` gets the bytes done so far; if
/// it returns false the digest is empty. Throws Error if the file cannot be read.
std::string file_digest(const std::filesystem::path& path, DigestKind kind,
                        const std::function<bool(std::uint64_t)>& progress = {});

} // namespace ebm::store
