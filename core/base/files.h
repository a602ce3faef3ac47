#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Whole files in and out of memory. Every function throws ebm::Error that names the file and the remedy.
namespace ebm::files {

using Bytes = std::vector<std::byte>;

/// The content of an ordinary file of at most `maximum_bytes`. The size is checked before anything is
/// allocated.
Bytes read(const std::filesystem::path& path, std::uint64_t maximum_bytes);

/// The same as text, without a UTF-8 byte order mark.
std::string read_text(const std::filesystem::path& path, std::uint64_t maximum_bytes);

/// The same, unpacked if the file is gzip. `maximum_bytes` holds for the packed and for the unpacked content.
Bytes read_unpacked(const std::filesystem::path& path, std::uint64_t maximum_bytes);

/// Replaces `path` as a whole or not at all: the content goes to a temporary file in the same folder, is
/// synced and renamed. On failure the old file is untouched and the temporary file is gone. A symbolic link
/// is followed.
void write_atomically(const std::filesystem::path& path, std::span<const std::byte> content);
void write_atomically(const std::filesystem::path& path, std::string_view content);

/// True if the content starts like gzip (RFC 1952).
bool is_gzip(std::span<const std::byte> content);

/// Unpacks gzip with one or more members; the checksum is verified. `source` names the file in errors. Memory
/// grows with what is really unpacked and stops at `maximum_bytes`.
Bytes gunzip(std::span<const std::byte> packed, std::uint64_t maximum_bytes, const std::string& source);

/// Packs as one gzip member.
Bytes gzip(std::span<const std::byte> content);

/// An error of the operating system (`code` is an errno) in plain words.
Error system_error(const std::string& what_happened, const std::filesystem::path& path, int code);

/// "3.2 MB", for messages.
std::string size_in_words(std::uint64_t bytes);

std::span<const std::byte> as_bytes(std::string_view text);
std::string_view as_text(std::span<const std::byte> bytes);

} // namespace ebm::files
