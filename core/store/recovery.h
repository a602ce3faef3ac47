#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

/// Checkpoints of training that nobody has saved, kept where a later start finds them after a crash, a kill
/// or the death of the window system. Each process has at most one; a lock beside it tells whether its
/// process still lives, so process numbers, which containers and restarts reuse, do not matter.
namespace ebm::store::recovery {

/// $XDG_STATE_HOME/ebmlab/recovery or ~/.local/state/ebmlab/recovery; empty if neither is known.
std::filesystem::path folder();

/// Where this process keeps its unsaved training: NAME.safetensors in folder(), the same on every call. Makes
/// the folder (for the user alone) and takes the lock, but not the file. Any thread. Throws Error if there is
/// no such folder or it cannot be written to.
std::filesystem::path own_file();

/// Removes the file of this process, if there is one: nothing in it would be lost any more. The name stays
/// ours. Any thread.
void remove_own_file() noexcept;

struct LeftBehind {
    std::filesystem::path path;
    std::filesystem::file_time_type written;
    std::uint64_t bytes = 0;
};

/// The files of processes that are gone, newest first. Empty if the folder is missing or cannot be read.
std::vector<LeftBehind> left_behind();

/// Removes such a file and what belongs to it, once its content was opened, saved or declined. A file that
/// another process still holds stays.
void remove(const std::filesystem::path& path) noexcept;

} // namespace ebm::store::recovery
