#include "core/base/descriptor.h"
#include "core/base/files.h"
#include "core/base/new_file.h"
#include "core/base/system_error.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

namespace ebm::files {
namespace {

namespace fs = std::filesystem;

constexpr const char* write_failure = "The file could not be written";
constexpr std::string_view temporary_start = ".ebmlab-", temporary_end = ".part";
constexpr std::size_t random_letters = 8;

/// "/dev/fd/3" and "/proc/self/fd/3" to 3: names of open descriptors, which are written to where they stand.
std::optional<int> named_descriptor(const std::string& path) {
    const std::string own = fmt::format("/proc/{}/fd/", ::getpid());
    for (const std::string_view folder : {std::string_view("/dev/fd/"), std::string_view("/proc/self/fd/"),
                                          std::string_view("/proc/thread-self/fd/"), std::string_view(own)}) {
        if (!path.starts_with(folder)) continue;
        int number = -1;
        const char* end = path.data() + path.size();
        const auto [rest, error] = std::from_chars(path.data() + folder.size(), end, number);
        if (error == std::errc() && rest == end && number >= 0) return number;
    }
    return std::nullopt;
}

} // namespace

/// Where a path leads after its last links: a place that may be free, or an open descriptor.
struct Target {
    fs::path path;
    std::optional<int> descriptor;
    bool exists = false;
    struct stat status {};
};

namespace {

Target target_of(const fs::path& path) {
    Target target{path, {}};
    if (path.string().find('\0') != std::string::npos)
        throw Error("The path holds a character that no file name has",
                    path.string().substr(0, path.string().find('\0')), "Correct the path.");
    if (path == "-") target.descriptor = STDOUT_FILENO;
    for (int links = 0; !target.descriptor; ++links) {
        target.descriptor = named_descriptor(target.path.lexically_normal().string());
        struct stat own {};
        if (target.descriptor || ::lstat(target.path.c_str(), &own) != 0 || !S_ISLNK(own.st_mode)) break;
        if (links == 40) throw system_error(write_failure, path, ELOOP);
        std::error_code error;
        const fs::path next = fs::read_symlink(target.path, error);
        if (error) throw system_error(write_failure, path, error.value());
        target.path = target.path.parent_path() / next; // an absolute `next` replaces all of it
    }
    if (target.descriptor) {
        target.exists = ::fstat(*target.descriptor, &target.status) == 0;
        if (!target.exists) throw system_error(write_failure, path, errno);
    } else if (::stat(target.path.c_str(), &target.status) == 0) {
        target.exists = true;
    } else if (errno != ENOENT && errno != ENOTDIR) {
        throw system_error(write_failure, path, errno);
    }
    return target;
}

bool writes_through(const Target& target) {
    if (target.descriptor) return true;
    const mode_t mode = target.exists ? target.status.st_mode : 0;
    return S_ISFIFO(mode) || S_ISCHR(mode) || S_ISSOCK(mode);
}

void write_all(int descriptor, std::span<const std::byte> content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written =
            ::write(descriptor, content.data(), std::min<size_t>(content.size(), 1u << 30));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw system_error(write_failure, path, written < 0 ? errno : EIO);
        content = content.subspan(static_cast<size_t>(written));
    }
}

void write_to_stream(const Target& target, const std::vector<std::span<const std::byte>>& pieces,
                     const fs::path& path) {
    Descriptor stream;
    if (!target.descriptor) {
        stream = Descriptor(::open(target.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
        if (stream.number < 0) throw system_error(write_failure, path, errno);
    }
    for (const std::span<const std::byte> piece : pieces)
        write_all(target.descriptor ? *target.descriptor : stream.number, piece, path);
    if (!target.descriptor && !stream.close()) throw system_error(write_failure, path, errno);
}

std::string random_name() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[random_letters];
    if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
        throw Error("The system gives no random numbers", "", "Restart the computer.");
    std::string name(temporary_start);
    for (const unsigned char byte : bytes)
        name += letters[byte % letters.size()];
    return name.append(temporary_end);
}

bool is_temporary_name(const std::string& name) {
    return name.size() == temporary_start.size() + random_letters + temporary_end.size() &&
           name.starts_with(temporary_start) && name.ends_with(temporary_end);
}

} // namespace

/// A file that its writer holds a lock on, so that others know that it lives. Removed unless it was renamed.
class TemporaryFile {
public:
    TemporaryFile(const fs::path& folder, const fs::path& target) {
        while (file.number < 0) {
            path_ = folder / random_name();
            file = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
            if (file.number < 0 && errno == EEXIST) continue;
            if (file.number < 0) throw system_error(write_failure, target, errno);
            // Without locks on this file system nobody removes what others left.
            (void)::flock(file.number, LOCK_EX);
            struct stat open {
            }, named{};
            const bool removed = ::fstat(file.number, &open) != 0 || ::stat(path_.c_str(), &named) != 0 ||
                                 open.st_ino != named.st_ino || open.st_dev != named.st_dev;
            if (removed) file = Descriptor(); // by somebody who cleared the folder just then
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (!renamed_) ::unlink(path_.c_str());
    }
    void rename(const fs::path& target, const fs::path& path) {
        if (::rename(path_.c_str(), target.c_str()) != 0) throw system_error(write_failure, path, errno);
        renamed_ = true;
    }

    Descriptor file;

private:
    fs::path path_;
    bool renamed_ = false;
};

namespace {

/// Removes the temporary files of killed writers.
void remove_left_over(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const fs::path& path = entry->path();
        if (!is_temporary_name(path.filename().string())) continue;
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        struct stat left {};
        if (file.number < 0 || ::fstat(file.number, &left) != 0 || !S_ISREG(left.st_mode)) continue;
        if (left.st_uid == ::geteuid() && ::flock(file.number, LOCK_EX | LOCK_NB) == 0)
            ::unlink(path.c_str());
    }
}

/// Throws Error unless a file can stand, or be replaced, where the path leads.
void require_file(const Target& target, const fs::path& path) {
    if (target.path.filename().empty())
        throw system_error(write_failure, path, path.empty() ? ENOENT : EISDIR);
    if (target.exists && S_ISDIR(target.status.st_mode))
        throw Error(std::string(write_failure) + ": it is a folder", path.string(),
                    "Give the path of an ordinary file.");
    if (target.exists && !S_ISREG(target.status.st_mode))
        throw Error(std::string(write_failure) + ": it is not an ordinary file", path.string(),
                    "Give the path of an ordinary file.");
    // The folder's rights allow to replace a file that is protected itself.
    if (target.exists && ::faccessat(AT_FDCWD, target.path.c_str(), W_OK, AT_EACCESS) != 0)
        throw system_error(write_failure, path, errno);
}

fs::path folder_of(const Target& target) {
    return target.path.has_parent_path() ? target.path.parent_path() : ".";
}

} // namespace

struct NewFile::Parts {
    fs::path path;
    Target target;
    TemporaryFile temporary;
};

NewFile::NewFile(const fs::path& path) {
    Target target = target_of(path);
    if (writes_through(target))
        throw Error(std::string(write_failure) + ": it is not an ordinary file", path.string(),
                    "Give the path of an ordinary file.");
    require_file(target, path);
    remove_left_over(folder_of(target));
    const fs::path folder = folder_of(target);
    parts_ = std::unique_ptr<Parts>(new Parts{path, std::move(target), {folder, path}});
}

NewFile::~NewFile() = default;

void NewFile::write(std::uint64_t offset, std::span<const std::byte> content) {
    while (!content.empty()) {
        const ssize_t written =
            ::pwrite(parts_->temporary.file.number, content.data(),
                     std::min<size_t>(content.size(), 1u << 30), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw system_error(write_failure, parts_->path, written < 0 ? errno : EIO);
        offset += static_cast<std::uint64_t>(written);
        content = content.subspan(static_cast<size_t>(written));
    }
}

void NewFile::finish() {
    const int file = parts_->temporary.file.number;
    const Target& target = parts_->target;
    if (target.exists) (void)::fchmod(file, target.status.st_mode & 07777);
    if (::fsync(file) != 0) throw system_error(write_failure, parts_->path, errno);
    parts_->temporary.rename(target.path, parts_->path);

    // The rename itself survives a power cut only once the folder is on disk. Some file systems cannot sync a
    // folder; the file is complete all the same.
    const Descriptor directory(::open(folder_of(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number >= 0) (void)::fsync(directory.number);
}

void write_atomically(const fs::path& path, const std::vector<std::span<const std::byte>>& pieces) {
    const Target target = target_of(path);
    if (writes_through(target)) return write_to_stream(target, pieces, path);
    NewFile file(path);
    std::uint64_t offset = 0;
    for (const std::span<const std::byte> piece : pieces) {
        file.write(offset, piece);
        offset += piece.size();
    }
    file.finish();
}

void write_atomically(const fs::path& path, std::span<const std::byte> content) {
    write_atomically(path, std::vector{content});
}

void write_atomically(const fs::path& path, std::string_view content) {
    write_atomically(path, as_bytes(content));
}

bool is_stream(const fs::path& path) {
    try {
        return writes_through(target_of(path));
    } catch (const Error&) {
        return false; // who uses it is told why it cannot be used
    }
}

bool same_file(const fs::path& a, const fs::path& b) {
    struct stat first {
    }, second{};
    return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

fs::path make_new_file(const fs::path& stem, std::string_view ending) {
    for (int number = 1;; ++number) {
        const fs::path path = stem.string() + (number == 1 ? std::string() : fmt::format("-{:03}", number)) +
                              std::string(ending);
        const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (file.number >= 0) return path;
        if (errno != EEXIST) throw system_error(write_failure, path, errno);
    }
}

} // namespace ebm::files
