#include "core/store/digest.h"

#include "core/base/descriptor.h"
#include "core/base/system_error.h"

#include <array>
#include <cerrno>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <sys/types.h>

#include <md5.h>
#include <sha2.h>

namespace ebm::store {
namespace {

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes)
        text += fmt::format("{:02x}", byte);
    return text;
}

} // namespace

std::string file_digest(const std::filesystem::path& path, DigestKind kind,
                        const std::function<bool(std::uint64_t)>& progress) {
    constexpr const char* failure = "The file could not be read";
    const files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number < 0) throw system_error(failure, path, errno);
    SHA2_CTX sha;
    MD5_CTX md5;
    SHA256Init(&sha);
    MD5Init(&md5);
    std::vector<std::uint8_t> part(1 << 20);
    std::uint64_t done = 0;
    while (true) {
        const ssize_t got = ::read(file.number, part.data(), part.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw system_error(failure, path, errno);
        if (got == 0) break;
        const auto count = static_cast<std::size_t>(got);
        if (kind == DigestKind::sha256)
            SHA256Update(&sha, part.data(), count);
        else
            MD5Update(&md5, part.data(), count);
        done += count;
        if (progress && !progress(done)) return {};
    }
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    if (kind == DigestKind::sha256) {
        SHA256Final(digest.data(), &sha);
        return hexadecimal(digest);
    }
    MD5Final(digest.data(), &md5);
    return hexadecimal(std::span(digest).first(MD5_DIGEST_LENGTH));
}

} // namespace ebm::store
