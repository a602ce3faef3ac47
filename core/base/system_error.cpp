#include "core/base/system_error.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace ebm {
namespace {

Error no_threads() {
    return Error(
        "The system gives this program no more threads", "",
        "Use fewer with --threads, close other programs, or raise the limit (`ulimit -u`, `ulimit -v`).");
}

Error no_memory() {
    return Error("There is not enough memory", "",
                 "Use fewer samples or chains, a smaller model, or raise the limit (`ulimit -v`).");
}

} // namespace

Error system_error(const std::string& what_happened, const std::filesystem::path& path, int code) {
    struct Reason {
        int code;
        const char* words;
        const char* remedy;
    };
    static const Reason reasons[] = {
        {ENOENT, "there is no such file or folder", "Check the spelling of the path."},
        {ENOTDIR, "there is no such file or folder", "Check the spelling of the path."},
        {EACCES, "permission is denied",
         "Choose another place, or change the permissions of the file or its folder."},
        {EPERM, "permission is denied",
         "Choose another place, or change the permissions of the file or its folder."},
        {EROFS, "the place is read-only", "Choose a folder that can be written to."},
        {ENOSPC, "the disk is full", "Free some space or choose another disk."},
        {EDQUOT, "the disk is full", "Free some space or choose another disk."},
        {EFBIG, "the file would be larger than is allowed here",
         "Choose another disk, or raise the file size limit."},
        {EISDIR, "it is a folder", "Give the path of a file."},
        {ENAMETOOLONG, "the name is too long", "Choose a shorter name."},
        {ELOOP, "its links lead in a circle", "Correct the symbolic links, or choose another path."},
        {EMFILE, "too many files are open", "Close other programs, or raise the limit (`ulimit -n`)."},
        {ENFILE, "too many files are open", "Close other programs."},
        {ENOMEM, "there is not enough memory", "Close other programs and try again."},
        {EPIPE, "nobody reads it any more", "Check the program that the output goes to."},
        {EBADF, "it is closed", "Check where the output or input is redirected."},
        {ENXIO, "nothing is connected to it", "Check the path."},
        {EIO, "the disk or the device fails", "Check it, or choose another place."},
        {ETXTBSY, "it is a program that is running", "Choose another name."},
        {EINVAL, "the system does not accept it", "Check the path."},
    };
    for (const Reason& reason : reasons)
        if (reason.code == code)
            return Error(what_happened + ": " + reason.words, path.string(), reason.remedy);
    return Error(what_happened + ": " + std::generic_category().message(code), path.string(),
                 "Check the path and try again.");
}

std::optional<Error> explained(const std::exception& error) {
    if (dynamic_cast<const std::bad_alloc*>(&error)) return no_memory();
    if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
        return system_error("The file or folder cannot be used", file->path1(), file->code().value());
    if (const auto* system = dynamic_cast<const std::system_error*>(&error)) {
        if (system->code() == std::errc::resource_unavailable_try_again) return no_threads();
        if (system->code() == std::errc::not_enough_memory) return no_memory();
    }
    // LibTorch's allocator: "DefaultCPUAllocator: can't allocate memory: you tried to allocate … bytes".
    const std::string_view text = error.what();
    if (text.find("can't allocate memory") != std::string_view::npos ||
        text.find("not enough memory") != std::string_view::npos)
        return no_memory();
    return std::nullopt;
}

void require_threads(int count) {
    std::mutex mutex;
    std::condition_variable release;
    bool released = false;
    std::vector<std::thread> threads;
    bool refused = false;
    try {
        threads.reserve(static_cast<std::size_t>(std::max(0, count)));
        for (int i = 0; i < count; ++i)
            threads.emplace_back([&] {
                std::unique_lock lock(mutex);
                release.wait(lock, [&] { return released; });
            });
    } catch (const std::exception&) {
        refused = true;
    }
    {
        const std::scoped_lock lock(mutex);
        released = true;
    }
    release.notify_all();
    for (std::thread& thread : threads)
        thread.join();
    if (refused) throw no_threads();
}

void require_current_folder() {
    std::error_code error;
    (void)std::filesystem::current_path(error);
    if (!error) return;
    if (error == std::errc::no_such_file_or_directory)
        throw Error("The current folder was deleted", "", "Change to another folder and try again.");
    throw system_error("The current folder cannot be used", ".", error.value());
}

} // namespace ebm
