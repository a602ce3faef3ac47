#include "core/base/file_lock.h"

#include "core/base/error.h"

#include <cctype>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ebm::files {
namespace {

std::string own_name() {
    char host[256] = "";
    if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
    return fmt::format("process {}{}{}", ::getpid(), *host ? " on " : "", host);
}

/// Whether `path` still leads to the open file: another holder may have removed it meanwhile.
bool is_at(int descriptor, const std::filesystem::path& path) {
    struct stat open {
    }, named{};
    return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

} // namespace

std::optional<FileLock> FileLock::take(const std::filesystem::path& path) {
    while (true) {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (descriptor < 0)
            throw Error("The lock file cannot be made: " + std::generic_category().message(errno),
                        path.string(), "Check the rights of its folder and the room on the disk.");
        FileLock lock(path, descriptor, true);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EINTR) continue;
            if (errno == EWOULDBLOCK) {
                ::close(std::exchange(lock.descriptor_, -1)); // it is another's
                return std::nullopt;
            }
            lock.effective_ = false;
        }
        if (!is_at(descriptor, path)) {
            ::close(std::exchange(lock.descriptor_, -1));
            continue;
        }
        const std::string name = own_name() + "\n";
        // The name is for messages only: the lock holds without it, also on a full disk.
        if (::ftruncate(descriptor, 0) == 0) (void)!::write(descriptor, name.data(), name.size());
        return lock;
    }
}

FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)),
      effective_(other.effective_) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    if (this == &other) return *this;
    release();
    path_ = std::move(other.path_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    effective_ = other.effective_;
    return *this;
}

FileLock::~FileLock() {
    release();
}

void FileLock::release() {
    if (descriptor_ < 0) return;
    if (is_at(descriptor_, path_)) ::unlink(path_.c_str());
    ::close(std::exchange(descriptor_, -1));
}

bool is_locked(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return false;
    const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(descriptor);
    return held;
}

std::string lock_holder(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string name;
    std::getline(file, name);
    for (const unsigned char letter : name)
        if (!std::isprint(letter)) return {};
    return name.size() < 300 && name.starts_with("process ") ? name : std::string();
}

} // namespace ebm::files
