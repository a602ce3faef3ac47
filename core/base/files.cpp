#include "core/base/files.h"

#include "core/base/error.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace ebm::files {
namespace {

/// Closes a file descriptor at the end of a scope.
struct Descriptor {
    int number = -1;
    explicit Descriptor(int number) : number(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    /// Closes now, because a network file system may report a failed write only here.
    bool close() { return ::close(std::exchange(number, -1)) == 0; }
};

void check_ordinary(const struct stat& status, const std::filesystem::path& path, const char* what_happened) {
    if (S_ISREG(status.st_mode)) return;
    const bool folder = S_ISDIR(status.st_mode);
    throw Error(std::string(what_happened) + (folder ? ": it is a folder" : ": it is not an ordinary file"),
                path.string(), "Give the path of an ordinary file.");
}

void write_all(int descriptor, std::span<const std::byte> content, const std::filesystem::path& path) {
    while (!content.empty()) {
        const ssize_t written =
            ::write(descriptor, content.data(), std::min<size_t>(content.size(), 1u << 30));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            throw system_error("The file could not be written", path, written < 0 ? errno : EIO);
        content = content.subspan(static_cast<size_t>(written));
    }
}

/// Removes the temporary file unless it has been renamed.
struct TemporaryFile {
    std::filesystem::path path;
    bool renamed = false;
    ~TemporaryFile() {
        if (!renamed) ::unlink(path.c_str());
    }
};

} // namespace

Error system_error(const std::string& what_happened, const std::filesystem::path& path, int code) {
    std::string reason = std::generic_category().message(code);
    std::string remedy = "Check the path and try again.";
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        reason = "there is no such file or folder";
        remedy = "Check the spelling of the path.";
        break;
    case EACCES:
    case EPERM:
        reason = "permission is denied";
        remedy = "Choose another place, or change the permissions of the file or its folder.";
        break;
    case EROFS:
        reason = "the place is read-only";
        remedy = "Choose a folder that can be written to.";
        break;
    case ENOSPC:
    case EDQUOT:
        reason = "the disk is full";
        remedy = "Free some space or choose another disk.";
        break;
    case EFBIG:
        reason = "the file would be larger than is allowed here";
        remedy = "Choose another disk, or raise the file size limit.";
        break;
    case EISDIR:
        reason = "it is a folder";
        remedy = "Give the path of a file.";
        break;
    case ENAMETOOLONG:
        reason = "the name is too long";
        remedy = "Choose a shorter name.";
        break;
    default:
        break;
    }
    return Error(what_happened + ": " + reason, path.string(), remedy);
}

Bytes read(const std::filesystem::path& path, std::uint64_t maximum_bytes) {
    const char* failure = "The file could not be read";
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number < 0) throw system_error(failure, path, errno);
    struct stat status {};
    if (::fstat(file.number, &status) != 0) throw system_error(failure, path, errno);
    check_ordinary(status, path, failure);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > maximum_bytes)
        throw Error(fmt::format("The file is {} long, more than the {} allowed for its kind",
                                size_in_words(size), size_in_words(maximum_bytes)),
                    path.string(), "Check that this is the right file.");
    Bytes content;
    try {
        content.resize(size);
    } catch (const std::bad_alloc&) {
        throw Error(fmt::format("There is not enough memory for the {} of the file", size_in_words(size)),
                    path.string(), "Close other programs and try again.");
    }
    size_t done = 0;
    while (done < content.size()) {
        const ssize_t got =
            ::read(file.number, content.data() + done, std::min<size_t>(content.size() - done, 1u << 30));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw system_error(failure, path, errno);
        if (got == 0) throw Error("The file became shorter while it was read", path.string(), "Try again.");
        done += static_cast<size_t>(got);
    }
    return content;
}

std::string read_text(const std::filesystem::path& path, std::uint64_t maximum_bytes) {
    const Bytes content = read(path, maximum_bytes);
    std::string_view text = as_text(content);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return std::string(text);
}

Bytes read_unpacked(const std::filesystem::path& path, std::uint64_t maximum_bytes) {
    Bytes content = read(path, maximum_bytes);
    return is_gzip(content) ? gunzip(content, maximum_bytes, path.string()) : content;
}

void write_atomically(const std::filesystem::path& path, std::span<const std::byte> content) {
    static std::atomic<unsigned> counter = 0;
    const char* failure = "The file could not be written";
    std::error_code ignored;
    std::filesystem::path target = path;
    if (std::filesystem::is_symlink(path, ignored)) {
        target = std::filesystem::weakly_canonical(path, ignored);
        if (ignored) throw system_error(failure, path, ignored.value());
    }
    if (target.filename().empty()) throw system_error(failure, path, EISDIR);
    struct stat status {};
    const bool exists = ::stat(target.c_str(), &status) == 0;
    if (exists) check_ordinary(status, path, failure);

    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
    TemporaryFile temporary{folder / fmt::format(".{}.{}.{}.part", target.filename().string().substr(0, 200),
                                                 ::getpid(), counter++)};
    Descriptor file(::open(temporary.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.number < 0) {
        const int code = errno;
        temporary.renamed = true; // nothing of ours to remove
        throw system_error(failure, path, code);
    }
    write_all(file.number, content, path);
    if (exists) (void)::fchmod(file.number, status.st_mode & 07777);
    if (::fsync(file.number) != 0 || !file.close()) throw system_error(failure, path, errno);
    if (::rename(temporary.path.c_str(), target.c_str()) != 0) throw system_error(failure, path, errno);
    temporary.renamed = true;

    // The rename itself survives a power cut only once the folder is on disk. Some file systems cannot sync a
    // folder; the file is complete all the same.
    Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number >= 0) (void)::fsync(directory.number);
}

void write_atomically(const std::filesystem::path& path, std::string_view content) {
    write_atomically(path, as_bytes(content));
}

bool is_gzip(std::span<const std::byte> content) {
    return content.size() >= 2 && content[0] == std::byte{0x1F} && content[1] == std::byte{0x8B};
}

Bytes gunzip(std::span<const std::byte> packed, std::uint64_t maximum_bytes, const std::string& source) {
    const auto damaged = [&](const char* reason) {
        return Error(fmt::format("The gzip file is damaged: {}", reason), source,
                     "Download or copy it again.");
    };
    z_stream stream{};
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
        throw Error("There is not enough memory to unpack the file", source,
                    "Close other programs and try again.");
    struct End {
        z_stream* stream;
        ~End() { inflateEnd(stream); }
    } end{&stream};

    Bytes content;
    size_t filled = 0;
    while (true) {
        if (stream.avail_in == 0 && !packed.empty()) {
            const size_t part = std::min<size_t>(packed.size(), 1u << 30);
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
            stream.avail_in = static_cast<uInt>(part);
            packed = packed.subspan(part);
        }
        if (filled == content.size()) // one byte above the limit, so that exceeding it shows
            content.resize(std::min<std::uint64_t>(std::max<size_t>(65536, 2 * filled), maximum_bytes + 1));
        const size_t room = std::min<size_t>(content.size() - filled, 1u << 30);
        stream.next_out = reinterpret_cast<Bytef*>(content.data() + filled);
        stream.avail_out = static_cast<uInt>(room);
        const int result = inflate(&stream, Z_NO_FLUSH);
        filled += room - stream.avail_out;
        if (filled > maximum_bytes)
            throw Error(fmt::format("The file unpacks to more than the {} allowed for its kind",
                                    size_in_words(maximum_bytes)),
                        source, "Check that this is the right file.");
        if (result == Z_STREAM_END) {
            if (stream.avail_in == 0 && packed.empty()) break;
            if (inflateReset(&stream) != Z_OK) throw damaged("it cannot be continued");
        } else if (result == Z_BUF_ERROR ||
                   (result == Z_OK && stream.avail_in == 0 && packed.empty() && stream.avail_out != 0)) {
            throw damaged("it ends too early");
        } else if (result != Z_OK) {
            throw damaged(stream.msg ? stream.msg : "it cannot be unpacked");
        }
    }
    content.resize(filled);
    content.shrink_to_fit();
    return content;
}

Bytes gzip(std::span<const std::byte> content) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        throw Error("There is not enough memory to pack the file", "", "Close other programs and try again.");
    struct End {
        z_stream* stream;
        ~End() { deflateEnd(stream); }
    } end{&stream};
    Bytes packed;
    std::byte part[65536];
    int result = Z_OK;
    while (result != Z_STREAM_END) {
        if (stream.avail_in == 0) {
            const size_t size = std::min<size_t>(content.size(), 1u << 30);
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(content.data()));
            stream.avail_in = static_cast<uInt>(size);
            content = content.subspan(size);
        }
        stream.next_out = reinterpret_cast<Bytef*>(part);
        stream.avail_out = sizeof part;
        result = deflate(&stream, content.empty() ? Z_FINISH : Z_NO_FLUSH);
        packed.insert(packed.end(), part, part + (sizeof part - stream.avail_out));
    }
    return packed;
}

std::string size_in_words(std::uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} bytes", bytes);
    double value = static_cast<double>(bytes);
    const char* units[] = {"kB", "MB", "GB", "TB"};
    size_t unit = 0;
    for (value /= 1000; value >= 999.95 && unit + 1 < std::size(units); ++unit)
        value /= 1000;
    return fmt::format("{:.1f} {}", value, units[unit]);
}

std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace ebm::files
