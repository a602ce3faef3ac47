#include "core/base/files.h"

#include "core/base/descriptor.h"
#include "core/base/system_error.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <new>
#include <sys/stat.h>
#include <zlib.h>

namespace ebm::files {
namespace {

constexpr const char* read_failure = "The file could not be read";

Error too_long(std::uint64_t size, std::uint64_t maximum_bytes, const std::filesystem::path& path,
               bool at_least) {
    return Error(fmt::format("The file is {}{} long, more than the {} allowed for its kind",
                             at_least ? "over " : "", size_in_words(size), size_in_words(maximum_bytes)),
                 path.string(), "Check that this is the right file.");
}

Error no_memory(std::uint64_t size, const std::filesystem::path& path) {
    return Error(fmt::format("There is not enough memory for the {} of the file", size_in_words(size)),
                 path.string(), "Close other programs and try again.");
}

/// Reads up to `room` bytes; 0 only at the end.
std::size_t read_some(int descriptor, std::byte* to, std::size_t room, const std::filesystem::path& path) {
    while (true) {
        const ssize_t got = ::read(descriptor, to, std::min<std::size_t>(room, 1u << 30));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) throw system_error(read_failure, path, errno);
    }
}

/// A stream tells its length at its end only.
Bytes read_stream(int descriptor, std::uint64_t maximum_bytes, const std::filesystem::path& path) {
    Bytes content;
    std::size_t filled = 0;
    while (true) {
        try {
            if (filled == content.size()) content.resize(std::max<std::size_t>(65536, 2 * filled));
        } catch (const std::bad_alloc&) {
            throw no_memory(2 * filled, path);
        }
        const std::size_t got = read_some(descriptor, content.data() + filled, content.size() - filled, path);
        if (got == 0) break;
        filled += got;
        if (filled > maximum_bytes) throw too_long(filled, maximum_bytes, path, true);
    }
    content.resize(filled);
    return content;
}

/// Opens for reading without waiting at a pipe that nobody writes to, and tells what it is.
Descriptor open_to_read(const std::filesystem::path& path, struct stat& status) {
    if (path.string().find('\0') != std::string::npos)
        throw Error("The path holds a character that no file name has",
                    path.string().substr(0, path.string().find('\0')), "Correct the path.");
    if (path == "-") {
        Descriptor input(::dup(STDIN_FILENO));
        if (input.number < 0 || ::fstat(input.number, &status) != 0)
            throw system_error(read_failure, "standard input", errno);
        return input;
    }
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number < 0 || ::fstat(file.number, &status) != 0) throw system_error(read_failure, path, errno);
    if (S_ISDIR(status.st_mode))
        throw Error(std::string(read_failure) + ": it is a folder", path.string(),
                    "Give the path of an ordinary file.");
    const bool terminal = S_ISCHR(status.st_mode) && ::isatty(file.number);
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode) && !terminal)
        throw Error(std::string(read_failure) + ": it is a device, not an ordinary file", path.string(),
                    "Give the path of an ordinary file.");
    if (S_ISREG(status.st_mode)) return file;
    Descriptor waiting(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); // waits until somebody writes
    if (waiting.number < 0) throw system_error(read_failure, path, errno);
    return waiting;
}

} // namespace

Bytes read(const std::filesystem::path& path, std::uint64_t maximum_bytes) {
    struct stat status {};
    const Descriptor file = open_to_read(path, status);
    if (!S_ISREG(status.st_mode)) return read_stream(file.number, maximum_bytes, path);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > maximum_bytes) throw too_long(size, maximum_bytes, path, false);
    Bytes content;
    try {
        content.resize(size);
    } catch (const std::bad_alloc&) {
        throw no_memory(size, path);
    }
    std::size_t done = 0;
    while (done < content.size()) {
        const std::size_t got = read_some(file.number, content.data() + done, content.size() - done, path);
        if (got == 0) {
            // `command < file` may start anywhere in it.
            if (path == "-") break;
            throw Error("The file became shorter while it was read", path.string(), "Try again.");
        }
        done += got;
    }
    content.resize(done);
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
