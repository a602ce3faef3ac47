#include "core/store/recovery.h"

#include "core/base/error.h"
#include "core/base/file_lock.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace ebm::store::recovery {
namespace {

namespace fs = std::filesystem;

constexpr const char* file_ending = ".safetensors";
constexpr const char* lock_ending = ".lock";

fs::path with_ending(fs::path path, const char* ending) {
    return path.replace_extension(ending);
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
        std::error_code unknown;
        if (path.extension() == lock_ending && !files::is_locked(path) &&
            !fs::exists(with_ending(path, file_ending), unknown) && !unknown)
            ::unlink(path.c_str());
    }
}

/// A name that nobody else has, with its lock.
struct Own {
    files::FileLock lock;
    fs::path file;

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
                return {std::move(*lock), with_ending(name, file_ending)};
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

fs::path own_file() {
    const std::scoped_lock lock(mutex);
    if (!own) own = Own::make();
    return own->file;
}

void remove_own_file() noexcept {
    const std::scoped_lock lock(mutex);
    if (own) ::unlink(own->file.c_str());
}

std::vector<LeftBehind> left_behind() {
    std::vector<LeftBehind> found;
    std::error_code error;
    for (fs::directory_iterator entry(folder(), error), end; !error && entry != end; entry.increment(error)) {
        const fs::path& path = entry->path();
        std::error_code gone;
        if (path.extension() != file_ending || !fs::is_regular_file(fs::symlink_status(path, gone))) continue;
        if (files::is_locked(with_ending(path, lock_ending))) continue;
        LeftBehind file{path, fs::last_write_time(path, gone), fs::file_size(path, gone)};
        if (!gone) found.push_back(std::move(file));
    }
    std::sort(found.begin(), found.end(),
              [](const LeftBehind& a, const LeftBehind& b) { return a.written > b.written; });
    return found;
}

void remove(const fs::path& path) noexcept {
    try {
        const fs::path lock = with_ending(path, lock_ending);
        if (path.extension() != file_ending || path.parent_path() != folder() || files::is_locked(lock))
            return;
        ::unlink(path.c_str());
        ::unlink(lock.c_str());
    } catch (const std::bad_alloc&) { // the file stays and is offered again
    }
}

} // namespace ebm::store::recovery
