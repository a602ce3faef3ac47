#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Whole files in and out of memory. Every function throws ebm::Error that names the file and the remedy. The
/// path "-" is standard input or output.
namespace ebm::files {

using Bytes = std::vector<std::byte>;

/// The content of a file of at most `maximum_bytes`. The size of an ordinary file is checked before anything
/// is allocated; pipes, sockets and terminals are read to their end; other devices are refused.
Bytes read(const std::filesystem::path& path, std::uint64_t maximum_bytes);

/// The same as text, without a UTF-8 byte order mark.
std::string read_text(const std::filesystem::path& path, std::uint64_t maximum_bytes);

/// The same, unpacked if the file is gzip. `maximum_bytes` holds for the packed and for the unpacked content.
Bytes read_unpacked(const std::filesystem::path& path, std::uint64_t maximum_bytes);

/// Replaces `path` as a whole or not at all: the content goes to a temporary file in the same folder, is
/// synced and renamed. On failure the old file is untouched and the temporary file is gone; those of killed
/// writers are removed by the next write in their folder. A symbolic link stays and what it leads to is
/// replaced. Where `is_stream(path)`, the content is written to the stream.
void write_atomically(const std::filesystem::path& path, std::span<const std::byte> content);
void write_atomically(const std::filesystem::path& path, std::string_view content);
/// The pieces one behind the other, for what is too large to be put together in memory.
void write_atomically(const std::filesystem::path& path,
                      const std::vector<std::span<const std::byte>>& pieces);

/// Whether writing appends to something that others have open, instead of making a file: "-", an open
/// descriptor by name (/dev/stdout, /dev/fd/3), a pipe, a socket or a character device. Never throws Error.
bool is_stream(const std::filesystem::path& path);

/// Whether both are there and the same file, also through links.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Makes an empty file STEM.ENDING, or STEM-002.ENDING and so on, whichever name is free, so that nothing is
/// overwritten, and returns its path. `ending` starts with a dot.
std::filesystem::path make_new_file(const std::filesystem::path& stem, std::string_view ending);

/// True if the content starts like gzip (RFC 1952).
bool is_gzip(std::span<const std::byte> content);

/// Unpacks gzip with one or more members; the checksum is verified. `source` names the file in errors. Memory
/// grows with what is really unpacked and stops at `maximum_bytes`.
Bytes gunzip(std::span<const std::byte> packed, std::uint64_t maximum_bytes, const std::string& source);

/// Packs as one gzip member.
Bytes gzip(std::span<const std::byte> content);

/// "3.2 MB", for messages.
std::string size_in_words(std::uint64_t bytes);

std::span<const std::byte> as_bytes(std::string_view text);
std::string_view as_text(std::span<const std::byte> bytes);

} // namespace ebm::files
