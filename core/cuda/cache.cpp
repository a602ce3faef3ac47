#include "core/cuda/cache.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sha2.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ebm::cuda {
namespace {

constexpr std::string_view magic = "EBMKERN1";
constexpr std::string_view unfinished = ".part";
constexpr std::time_t abandoned_seconds = 3600; ///< no writer takes this long
constexpr std::uint64_t most_bytes = std::uint64_t{256} << 20;

struct Header {
    std::array<char, 8> magic;
    std::uint64_t length; ///< of the code
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
};
static_assert(sizeof(Header) == 48);

Header header_of(const std::string& key, const std::string& code) {
    Header header{};
    std::memcpy(header.magic.data(), magic.data(), magic.size());
    header.length = code.size();
    SHA2_CTX context;
    SHA256Init(&context);
    for (const std::string* part : {&key, &code}) {
        const std::uint64_t length = part->size();
        SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(&length), sizeof(length));
        SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(part->data()), part->size());
    }
    SHA256Final(header.digest.data(), &context);
    return header;
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    explicit operator bool() const { return number_ >= 0; }
    int operator*() const { return number_; }
    /// True if what was written has arrived.
    bool close() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

private:
    int number_;
};

bool belongs_to_the_user(const struct stat& status) {
    return status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// −1 unless it is a folder of the user that nobody else may use.
int open_folder(const std::filesystem::path& folder) {
    if (folder.empty()) return -1;
    const int number = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status {};
    const bool own = number >= 0 && fstat(number, &status) == 0 && status.st_uid == geteuid() &&
                     ((status.st_mode & 0777) == 0700 || fchmod(number, 0700) == 0);
    if (own || number < 0) return number;
    ::close(number);
    return -1;
}

bool read_all(int file, void* to, std::size_t bytes) {
    for (auto* place = static_cast<char*>(to); bytes > 0;) {
        const ssize_t got = ::read(file, place, bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        place += got;
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

bool write_all(int file, const void* from, std::size_t bytes) {
    for (auto* place = static_cast<const char*>(from); bytes > 0;) {
        const ssize_t put = ::write(file, place, bytes);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        place += put;
        bytes -= static_cast<std::size_t>(put);
    }
    return true;
}

/// What writers that were killed have left.
void remove_abandoned(int folder) {
    const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* entries = again < 0 ? nullptr : fdopendir(again);
    if (!entries) {
        if (again >= 0) ::close(again);
        return;
    }
    while (const dirent* entry = readdir(entries)) {
        struct stat status {};
        if (std::string_view(entry->d_name).ends_with(unfinished) &&
            fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            std::time(nullptr) - status.st_mtime > abandoned_seconds)
            unlinkat(folder, entry->d_name, 0);
    }
    closedir(entries);
}

} // namespace

std::filesystem::path cache_folder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache == '/')
        return std::filesystem::path(cache) / "ebmlab" / "kernels";
    if (const char* home = std::getenv("HOME"); home && *home == '/')
        return std::filesystem::path(home) / ".cache" / "ebmlab" / "kernels";
    return {};
}

std::optional<std::string> read_cache(const std::filesystem::path& folder, const std::string& key) {
    const Descriptor place(open_folder(folder));
    if (!place) return std::nullopt;
    const Descriptor file(openat(*place, key.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    Header header{};
    if (!file || fstat(*file, &status) != 0 || !S_ISREG(status.st_mode) || !belongs_to_the_user(status) ||
        !read_all(*file, &header, sizeof(header)) || header.length > most_bytes ||
        static_cast<std::uint64_t>(status.st_size) != sizeof(header) + header.length)
        return std::nullopt;
    std::string code(header.length, '\0');
    if (!read_all(*file, code.data(), code.size())) return std::nullopt;
    const Header expected = header_of(key, code);
    if (code.empty() || header.magic != expected.magic || header.digest != expected.digest)
        return std::nullopt;
    return code;
}

void write_cache(const std::filesystem::path& folder, const std::string& key, const std::string& code) {
    if (folder.empty() || code.empty() || code.size() > most_bytes) return;
    std::error_code problem;
    std::filesystem::create_directories(folder.parent_path(), problem);
    ::mkdir(folder.c_str(), 0700);
    const Descriptor place(open_folder(folder));
    std::uint64_t number = 0;
    if (!place || getrandom(&number, sizeof(number), 0) != sizeof(number)) return;
    remove_abandoned(*place);
    const std::string temporary = key + "." + std::to_string(number) + std::string(unfinished);
    Descriptor file(openat(*place, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return;
    const Header header = header_of(key, code);
    const bool whole = write_all(*file, &header, sizeof(header)) &&
                       write_all(*file, code.data(), code.size()) && file.close();
    if (!whole || renameat(*place, temporary.c_str(), *place, key.c_str()) != 0)
        unlinkat(*place, temporary.c_str(), 0);
}

} // namespace ebm::cuda
