#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

/// Checkpoints of training that nobody has saved, kept where a later start finds them after a crash, a kill
/// or the death of the window system. Each process has at most one for each of its runs; a lock beside them
/// tells whether their process still lives, so process numbers, which containers and restarts reuse, do not
/// matter.
namespace ebm::store::recovery {

/// $XDG_STATE_HOME/ebmlab/recovery or ~/.local/state/ebmlab/recovery; empty if neither is known.
std::filesystem::path folder();

/// The run of the window, and the one that is compared with it.
enum class Which { a, b };

/// Where this process keeps the unsaved training of a run: NAME.safetensors in folder(), NAME_b.safetensors
/// for run B, the same on every call. Makes the folder (for the user alone) and takes the lock, but not the
/// file. Any thread. Throws Error if there is no such folder or it cannot be written to.
std::filesystem::path own_file(Which run = Which::a);

/// Removes the file of a run of this process, if there is one: nothing in it would be lost any more. The name
/// stays ours. Any thread.
void remove_own_file(Which run = Which::a) noexcept;

struct LeftBehind {
    std::filesystem::path path;
    std::filesystem::file_time_type written;
    std::uint64_t bytes = 0;
    Which run = Which::a;
};

/// The files of processes that are gone: the process that wrote last first, of each run A before run B. Empty
/// if the folder is missing or cannot be read.
std::vector<LeftBehind> left_behind();
/// Whether two files are of the same process.
bool same_process(const LeftBehind& one, const LeftBehind& other);

/// Makes a file that was left behind, and was opened, the file `own` of a run of this process, so that it is
/// kept as long as its run is not saved and is not offered again afterwards. Files of other folders stay.
void adopt(const std::filesystem::path& left, const std::filesystem::path& own) noexcept;

/// Removes such a file and what belongs to it, once its content was saved or declined. A file that another
/// process still holds stays.
void remove(const std::filesystem::path& path) noexcept;

} // namespace ebm::store::recovery
