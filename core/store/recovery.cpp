#include "core/store/recovery.h"

#include "core/base/error.h"
#include "core/base/file_lock.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace ebm::store::recovery {
namespace {

namespace fs = std::filesystem;

constexpr const char* file_ending = ".safetensors";
constexpr const char* lock_ending = ".lock";
constexpr std::string_view mark_of_b = "_b"; ///< names that are made up have no underscore

Which run_of(const fs::path& file) {
    return file.stem().string().ends_with(mark_of_b) ? Which::b : Which::a;
}

/// Of the process that a file of either run belongs to.
fs::path lock_of(const fs::path& file) {
    std::string name = file.stem().string();
    if (run_of(file) == Which::b) name.resize(name.size() - mark_of_b.size());
    return file.parent_path() / (name + lock_ending);
}

fs::path file_of(const fs::path& lock, Which run) {
    return lock.parent_path() /
           (lock.stem().string() + std::string(run == Which::b ? mark_of_b : "") + file_ending);
}

bool has_file(const fs::path& lock) {
    std::error_code unknown;
    for (const Which run : {Which::a, Which::b})
        if (fs::exists(file_of(lock, run), unknown) || unknown) return true;
    return false;
}

fs::path make_folder() {
    const fs::path place = folder();
    const char* remedy = "Set XDG_STATE_HOME or HOME to a folder that can be written to.";
    if (place.empty()) throw Error("There is no folder for unsaved training", "", remedy);
    std::error_code error;
    fs::create_directories(place.parent_path(), error);
    if (!error && ::mkdir(place.c_str(), 0700) != 0 && errno != EEXIST)
        error = {errno, std::generic_category()};
    if (!error && !fs::is_directory(place)) error = std::make_error_code(std::errc::not_a_directory);
    if (error)
        throw Error("The folder for unsaved training cannot be made: " + error.message(), place.string(),
                    remedy);
    return place;
}

/// Locks of processes that were killed before they wrote anything.
void remove_idle_locks(const fs::path& place) {
    std::error_code error;
    for (fs::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error)) {
        const fs::path& path = entry->path();
        if (path.extension() == lock_ending && !files::is_locked(path) && !has_file(path))
            ::unlink(path.c_str());
    }
}

/// A name that nobody else has, with its lock.
struct Own {
    files::FileLock lock;
    fs::path path; ///< of the lock

    static Own make() {
        const fs::path place = make_folder();
        remove_idle_locks(place);
        while (true) {
            std::string name = (place / "XXXXXX").string() + lock_ending;
            const int descriptor = ::mkstemps(name.data(), static_cast<int>(std::string(lock_ending).size()));
            if (descriptor < 0)
                throw Error("Unsaved training cannot be kept: " + std::generic_category().message(errno),
                            place.string(), "Check the rights of the folder and the room on the disk.");
            ::close(descriptor);
            // Another start may look at the lock at this very moment; then the next name.
            if (std::optional<files::FileLock> lock = files::FileLock::take(name))
                return {std::move(*lock), name};
        }
    }
};

std::mutex mutex;
std::optional<Own> own; // guarded by `mutex`

} // namespace

fs::path folder() {
    const auto absolute = [](const char* variable) {
        const char* value = std::getenv(variable);
        return value && *value == '/' ? fs::path(value) : fs::path();
    };
    if (const fs::path state = absolute("XDG_STATE_HOME"); !state.empty())
        return state / "ebmlab" / "recovery";
    if (const fs::path home = absolute("HOME"); !home.empty())
        return home / ".local" / "state" / "ebmlab" / "recovery";
    return {};
}

fs::path own_file(Which run) {
    const std::scoped_lock lock(mutex);
    if (!own) own = Own::make();
    return file_of(own->path, run);
}

void remove_own_file(Which run) noexcept {
    try {
        const std::scoped_lock lock(mutex);
        if (own) ::unlink(file_of(own->path, run).c_str());
    } catch (const std::bad_alloc&) { // the file stays and is offered at the next start
    }
}

std::vector<LeftBehind> left_behind() {
    std::vector<LeftBehind> found;
    std::error_code error;
    for (fs::directory_iterator entry(folder(), error), end; !error && entry != end; entry.increment(error)) {
        const fs::path& path = entry->path();
        std::error_code gone;
        if (path.extension() != file_ending || !fs::is_regular_file(fs::symlink_status(path, gone))) continue;
        if (files::is_locked(lock_of(path))) continue;
        LeftBehind file{path, fs::last_write_time(path, gone), fs::file_size(path, gone), run_of(path)};
        if (!gone) found.push_back(std::move(file));
    }
    const auto last_written = [&](const LeftBehind& file) {
        auto last = file.written;
        for (const LeftBehind& other : found)
            if (same_process(file, other)) last = std::max(last, other.written);
        return last;
    };
    std::vector<std::tuple<fs::file_time_type, std::string, Which, std::size_t>> order;
    for (std::size_t i = 0; i < found.size(); ++i)
        order.emplace_back(last_written(found[i]), lock_of(found[i].path).string(), found[i].run, i);
    std::ranges::sort(order, [](const auto& one, const auto& other) {
        const auto& [last, process, run, number] = one;
        const auto& [other_last, other_process, other_run, other_number] = other;
        if (last != other_last) return last > other_last;
        return std::tie(process, run, number) < std::tie(other_process, other_run, other_number);
    });
    std::vector<LeftBehind> sorted;
    for (const auto& entry : order)
        sorted.push_back(found[std::get<3>(entry)]);
    return sorted;
}

bool same_process(const LeftBehind& one, const LeftBehind& other) {
    return lock_of(one.path) == lock_of(other.path);
}

void adopt(const fs::path& left, const fs::path& own_path) noexcept {
    try {
        if (left.parent_path() != folder() || left == own_path) return;
        std::error_code problem;
        fs::rename(left, own_path, problem);
        if (!problem) recovery::remove(left);
    } catch (const std::bad_alloc&) { // the file stays and is offered again
    }
}

void remove(const fs::path& path) noexcept {
    try {
        const fs::path lock = lock_of(path);
        if (path.extension() != file_ending || path.parent_path() != folder() || files::is_locked(lock))
            return;
        ::unlink(path.c_str());
        if (!has_file(lock)) ::unlink(lock.c_str());
    } catch (const std::bad_alloc&) { // the file stays and is offered again
    }
}

} // namespace ebm::store::recovery
