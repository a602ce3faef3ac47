#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace ebm::files {

/// An exclusive lock between processes. It ends with this object, at the latest with the process, however
/// that ends; so a killed program leaves nothing locked. The lock file names its holder and is removed at the
/// end.
class FileLock {
public:
    /// Takes the lock of the file `path`, which is made if it is missing; nothing if another process, or
    /// another object of this one, has it. Never waits. Throws Error if the file cannot be made.
    static std::optional<FileLock> take(const std::filesystem::path& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

    /// False on a file system without locks, where nobody is kept out.
    bool is_effective() const { return effective_; }

private:
    FileLock(std::filesystem::path path, int descriptor, bool effective)
        : path_(std::move(path)), descriptor_(descriptor), effective_(effective) {}
    void release();

    std::filesystem::path path_;
    int descriptor_ = -1;
    bool effective_ = true;
};

/// Whether somebody has the lock of this file. False if there is no such file.
bool is_locked(const std::filesystem::path& path);

/// "process 4711 on lab-3", as the holder wrote it; empty if the file does not tell.
std::string lock_holder(const std::filesystem::path& path);

} // namespace ebm::files
