#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace ebm::files {

/// A file that is written in parts and stands under its name whole or not at all, for what is too large to be
/// built in memory first; otherwise as write_atomically. Every function throws Error.
class NewFile {
public:
    /// Makes a temporary file in the folder of `path`, which must not be a stream.
    explicit NewFile(const std::filesystem::path& path);
    /// Removes the temporary file unless finish was reached.
    ~NewFile();
    NewFile(const NewFile&) = delete;

    /// Puts `content` at `offset` bytes from the beginning. Parts in between that nobody writes are zero.
    void write(std::uint64_t offset, std::span<const std::byte> content);
    /// Syncs the file and gives it its name.
    void finish();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace ebm::files
