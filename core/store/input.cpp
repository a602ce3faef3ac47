#include "core/store/input.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/system_error.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace ebm::store {
namespace {

constexpr std::size_t input_piece = 1 << 18;

} // namespace

struct Input::Inflate {
    z_stream stream{};
    std::vector<std::byte> raw = std::vector<std::byte>(input_piece);
    bool finished = false;

    Inflate() {
        if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }
    ~Inflate() { inflateEnd(&stream); }
};

Input::Input(const std::string& path) : name_(path == "-" ? "standard input" : path) {
    const char* failure = "The file could not be read";
    if (path == "-") {
        descriptor_ = ::dup(STDIN_FILENO);
        if (descriptor_ < 0) throw Error("Standard input is closed", "", "Give the path of a file.");
    } else {
        if (path.find('\0') != std::string::npos)
            throw Error("The path holds a character that no file name has", path.substr(0, path.find('\0')),
                        "Correct the path.");
        // Not blocking, so that a named pipe that nobody writes to ends at once.
        descriptor_ = ::open(expanded_path(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (descriptor_ < 0) throw system_error(failure, name_, errno);
    }
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || S_ISDIR(status.st_mode)) {
        const int code = S_ISDIR(status.st_mode) ? EISDIR : errno;
        ::close(descriptor_);
        throw system_error(failure, name_, code);
    }
    if (S_ISREG(status.st_mode)) {
        const off_t at = ::lseek(descriptor_, 0, SEEK_CUR);
        raw_size_ = static_cast<std::uint64_t>(std::max<off_t>(0, status.st_size - std::max<off_t>(0, at)));
    } else if (path != "-") {
        ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL) & ~O_NONBLOCK);
    }
    try {
        open_packed();
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
    if (S_ISREG(status.st_mode) && path != "-" && !inflate_) ordinary_path_ = expanded_path(path);
}

Input::Input(std::span<const std::byte> content, std::string name)
    : name_(std::move(name)), raw_size_(content.size()), memory_(content) {
    open_packed();
}

Input::Input(std::function<std::size_t(std::span<std::byte>)> source, std::uint64_t size, std::string name)
    : name_(std::move(name)), source_(std::move(source)), raw_size_(size) {
    open_packed();
}

Input::~Input() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Input::open_packed() {
    if (!files::is_gzip(peek(2))) return;
    inflate_ = std::make_unique<Inflate>();
    // What was read so far is packed.
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), inflate_->raw.begin());
    inflate_->stream.next_in = reinterpret_cast<Bytef*>(inflate_->raw.data());
    inflate_->stream.avail_in = static_cast<uInt>(end_ - begin_);
    begin_ = end_ = 0;
    if (files::is_gzip(peek(2))) throw Error("The file is packed twice", name_, "Unpack it once.");
}

std::size_t Input::read_raw(std::span<std::byte> to) {
    if (source_) {
        const std::size_t got = source_(to);
        raw_read_ += got;
        return got;
    }
    if (descriptor_ < 0) {
        const std::size_t count = std::min(to.size(), memory_.size());
        std::copy_n(memory_.begin(), count, to.begin());
        memory_ = memory_.subspan(count);
        raw_read_ += count;
        return count;
    }
    while (true) {
        const ssize_t got = ::read(descriptor_, to.data(), std::min<std::size_t>(to.size(), 1u << 30));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw system_error("The file could not be read", name_, errno);
        raw_read_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    }
}

std::size_t Input::unpack(std::span<std::byte> to) {
    Inflate& in = *inflate_;
    z_stream& stream = in.stream;
    const auto damaged = [&](const char* reason) {
        return Error(fmt::format("The gzip file is damaged: {}", reason), name_,
                     "Download or copy it again.");
    };
    stream.next_out = reinterpret_cast<Bytef*>(to.data());
    const auto room = static_cast<uInt>(std::min<std::size_t>(to.size(), 1u << 30));
    stream.avail_out = room;
    while (stream.avail_out == room && !in.finished) {
        if (stream.avail_in == 0) {
            const std::size_t got = read_raw(in.raw);
            if (got == 0) throw damaged("it ends too early");
            stream.next_in = reinterpret_cast<Bytef*>(in.raw.data());
            stream.avail_in = static_cast<uInt>(got);
        }
        const int result = inflate(&stream, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            // Another member may follow.
            if (stream.avail_in == 0) {
                const std::size_t got = read_raw(in.raw);
                stream.next_in = reinterpret_cast<Bytef*>(in.raw.data());
                stream.avail_in = static_cast<uInt>(got);
            }
            in.finished = stream.avail_in == 0;
            if (!in.finished && inflateReset(&stream) != Z_OK) throw damaged("it cannot be continued");
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            throw damaged(stream.msg ? stream.msg : "it cannot be unpacked");
        }
    }
    return room - stream.avail_out;
}

bool Input::fill() {
    if (begin_ > 0) {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
        end_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() < end_ + input_piece) buffer_.resize(std::max(end_ + input_piece, 2 * end_));
    // The first bytes alone decide whether the content is packed; they must fit Inflate::raw.
    const std::size_t room = std::min(input_piece, buffer_.size() - end_);
    const std::span<std::byte> to(buffer_.data() + end_, room);
    const std::size_t got = inflate_ ? unpack(to) : read_raw(to);
    end_ += got;
    return got > 0;
}

std::span<const std::byte> Input::peek(std::size_t count) {
    while (end_ - begin_ < count && fill()) {
    }
    return {buffer_.data() + begin_, end_ - begin_};
}

std::size_t Input::read(std::span<std::byte> to) {
    std::size_t done = std::min(to.size(), end_ - begin_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), done, to.begin());
    begin_ += done;
    while (done < to.size()) {
        const std::size_t got = inflate_ ? unpack(to.subspan(done)) : read_raw(to.subspan(done));
        if (got == 0) break;
        done += got;
    }
    return done;
}

std::optional<std::uint64_t> Input::remaining() const {
    if (inflate_ || !raw_size_) return std::nullopt;
    return (end_ - begin_) + (*raw_size_ - std::min(*raw_size_, raw_read_));
}

std::uint64_t Input::most_remaining() const {
    if (!raw_size_) return std::numeric_limits<std::uint64_t>::max();
    return inflate_ ? *raw_size_ * 1032 + input_piece : *remaining();
}

std::string expanded_path(const std::string& path) {
    if (!path.starts_with('~')) return path;
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string user = path.substr(1, slash - 1);
    const char* home = user.empty() ? std::getenv("HOME") : nullptr;
    if (!home)
        if (const passwd* entry = user.empty() ? ::getpwuid(::getuid()) : ::getpwnam(user.c_str()))
            home = entry->pw_dir;
    return home ? home + path.substr(slash) : path;
}

} // namespace ebm::store
