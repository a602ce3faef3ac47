#include "core/store/download.h"

#include "core/base/descriptor.h"
#include "core/base/files.h"
#include "core/base/system_error.h"
#include "core/store/digest.h"
#include "core/store/shared_library.h"

#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>
#include <strings.h>
#include <sys/stat.h>

namespace ebm::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* failure = "The download could not be written";
constexpr long connection_seconds = 30, silence_seconds = 60, most_redirects = 8;

/// libcurl's functions under their own names, less `curl_`.
struct Curl {
    decltype(&curl_global_init) global_init;
    decltype(&curl_easy_init) easy_init;
    decltype(&curl_easy_cleanup) easy_cleanup;
    decltype(&curl_easy_setopt) easy_setopt;
    decltype(&curl_easy_getinfo) easy_getinfo;
    decltype(&curl_easy_perform) easy_perform;
    decltype(&curl_easy_strerror) easy_strerror;

    Curl() {
        const SharedLibrary library({"libcurl.so.4", "libcurl-gnutls.so.4"}, "libcurl4");
        library.find(global_init, "curl_global_init");
        library.find(easy_init, "curl_easy_init");
        library.find(easy_cleanup, "curl_easy_cleanup");
        library.find(easy_setopt, "curl_easy_setopt");
        library.find(easy_getinfo, "curl_easy_getinfo");
        library.find(easy_perform, "curl_easy_perform");
        library.find(easy_strerror, "curl_easy_strerror");
        global_init(CURL_GLOBAL_DEFAULT);
    }
};
/// Loaded on first use. Throws Error.
const Curl& curl() {
    static const Curl functions;
    return functions;
}

/// One connection that appends to the part.
class Transfer {
public:
    Transfer(const RemoteFile& file, const fs::path& part, const DownloadProgress& progress)
        : file_(file), path_(part), progress_(progress),
          part_(::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {
        struct stat status {};
        if (part_.number < 0 || ::fstat(part_.number, &status) != 0) throw system_error(failure, part, errno);
        done_ = static_cast<std::uint64_t>(status.st_size);
        if (done_ > file.bytes) start_again();
        if (::lseek(part_.number, 0, SEEK_END) < 0) throw system_error(failure, part, errno);
    }

    std::uint64_t done() const { return done_; }

    /// `refused`: what is there is no beginning of the server's file.
    enum class End { whole, cut, stopped, refused };
    End run();

    /// Everything has reached the disk.
    void close() {
        if (::fsync(part_.number) != 0 || !part_.close()) throw system_error(failure, path_, errno);
    }

private:
    static std::size_t on_header(char* text, std::size_t, std::size_t size, void* self);
    static std::size_t on_content(char* text, std::size_t, std::size_t size, void* self);
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return static_cast<Transfer*>(self)->progress_(static_cast<Transfer*>(self)->done_) ? 0 : 1;
    }

    void start_again() {
        if (::ftruncate(part_.number, 0) != 0 || ::lseek(part_.number, 0, SEEK_SET) != 0)
            throw system_error(failure, path_, errno);
        done_ = 0;
    }
    /// Looks at the answer before its first byte is kept.
    void begin_content();
    [[noreturn]] void another_size(std::uint64_t bytes) const {
        throw Error(
            fmt::format("The server's file has {} bytes, and the published one has {}", bytes, file_.bytes),
            file_.address, "Nothing of it was kept. Look for another source of the file.");
    }
    End explain(CURLcode code);

    const RemoteFile& file_;
    fs::path path_;
    const DownloadProgress& progress_;
    files::Descriptor part_;
    std::uint64_t done_ = 0;
    CURL* handle_ = nullptr;
    bool begun_ = false;                                     ///< the content of this answer
    std::optional<std::uint64_t> range_begin_, range_total_; ///< what Content-Range says
    std::exception_ptr problem_;                             ///< thrown on libcurl's stack
};

/// "bytes 100-199/200" to 100 and 200.
void parse_range(std::string_view text, std::optional<std::uint64_t>& begin,
                 std::optional<std::uint64_t>& total) {
    const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc() && end != digits.data() ? std::optional(value) : std::nullopt;
    };
    const std::size_t unit = text.find("bytes "), slash = text.find('/');
    if (unit == std::string_view::npos || slash == std::string_view::npos) return;
    begin = number(text.substr(unit + 6));
    total = number(text.substr(slash + 1));
}

std::size_t Transfer::on_header(char* text, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view line(text, size);
    constexpr std::string_view name = "content-range:";
    if (line.starts_with("HTTP/")) { // another answer after a redirection
        transfer.range_begin_.reset();
        transfer.range_total_.reset();
    } else if (size > name.size() && ::strncasecmp(text, name.data(), name.size()) == 0) {
        parse_range(line, transfer.range_begin_, transfer.range_total_);
    }
    return size;
}

void Transfer::begin_content() {
    begun_ = true;
    long answer = 0;
    curl().easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &answer);
    if (answer == 206) {
        if (range_total_ && *range_total_ != file_.bytes) another_size(*range_total_);
        if (range_begin_ != done_)
            throw Error("The server answered with another part of the file than was asked for", file_.address,
                        "Delete " + path_.string() + " and try again.");
        return;
    }
    start_again(); // a server without ranges sends the whole file
    curl_off_t length = -1;
    curl().easy_getinfo(handle_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0 && static_cast<std::uint64_t>(length) != file_.bytes)
        another_size(static_cast<std::uint64_t>(length));
}

std::size_t Transfer::on_content(char* text, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    try {
        if (!transfer.begun_) transfer.begin_content();
        if (transfer.done_ + size > transfer.file_.bytes) transfer.another_size(transfer.done_ + size);
        for (std::size_t written = 0; written < size;) {
            const ssize_t count = ::write(transfer.part_.number, text + written, size - written);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) throw system_error(failure, transfer.path_, count < 0 ? errno : EIO);
            written += static_cast<std::size_t>(count);
            transfer.done_ += static_cast<std::uint64_t>(count);
        }
        return size;
    } catch (...) {
        transfer.problem_ = std::current_exception();
        return 0;
    }
}

Transfer::End Transfer::run() {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl().easy_init(), curl().easy_cleanup);
    if (!handle) throw Error("There is not enough memory for a connection", "", "Close other programs.");
    handle_ = handle.get();
    begun_ = false;
    range_begin_.reset();
    range_total_.reset();
    const auto set = curl().easy_setopt;
    const std::string range = fmt::format("{}-", done_);
    set(handle_, CURLOPT_URL, file_.address.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
    set(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle_, CURLOPT_REDIR_PROTOCOLS_STR, file_.address.starts_with("https:") ? "https" : "http,https");
#else
    set(handle_, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    set(handle_, CURLOPT_REDIR_PROTOCOLS,
        file_.address.starts_with("https:") ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    set(handle_, CURLOPT_FOLLOWLOCATION, 1L);
    set(handle_, CURLOPT_MAXREDIRS, most_redirects);
    set(handle_, CURLOPT_FAILONERROR, 1L);
    set(handle_, CURLOPT_NOSIGNAL, 1L);
    set(handle_, CURLOPT_CONNECTTIMEOUT, connection_seconds);
    set(handle_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(handle_, CURLOPT_LOW_SPEED_TIME, silence_seconds);
    set(handle_, CURLOPT_USERAGENT, "ebmlab");
    if (done_ > 0) set(handle_, CURLOPT_RANGE, range.c_str());
    set(handle_, CURLOPT_HEADERFUNCTION, &on_header);
    set(handle_, CURLOPT_HEADERDATA, this);
    set(handle_, CURLOPT_WRITEFUNCTION, &on_content);
    set(handle_, CURLOPT_WRITEDATA, this);
    set(handle_, CURLOPT_NOPROGRESS, 0L);
    set(handle_, CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(handle_, CURLOPT_XFERINFODATA, this);
    const CURLcode code = curl().easy_perform(handle_);
    const End end = explain(code);
    handle_ = nullptr;
    return end;
}

Transfer::End Transfer::explain(CURLcode code) {
    if (problem_) std::rethrow_exception(problem_);
    const std::string kept =
        fmt::format("What has come ({} of {}) is kept; the same command goes on from there.",
                    files::size_in_words(done_), files::size_in_words(file_.bytes));
    long answer = 0;
    curl().easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &answer);
    switch (code) {
    case CURLE_OK:
        return done_ == file_.bytes ? End::whole : End::cut;
    case CURLE_ABORTED_BY_CALLBACK:
        return End::stopped;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2_STREAM:
        return End::cut;
    case CURLE_OPERATION_TIMEDOUT:
        throw Error(fmt::format("The server has sent nothing for {} seconds", silence_seconds), file_.address,
                    kept);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        throw Error("The server cannot be reached", file_.address,
                    "Check the connection to the network (and https_proxy where there is a proxy).");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        throw Error("The server's certificate cannot be verified", file_.address,
                    "Check the clock, and install the package ca-certificates.");
    case CURLE_HTTP_RETURNED_ERROR:
        if (answer == 416) { // the part does not end inside the server's file
            start_again();
            return End::refused;
        }
        throw Error(fmt::format("The server answered with the error {}", answer), file_.address,
                    answer == 404 ? "The file has been moved; look for another source." : "Try again later.");
    default:
        throw Error(fmt::format("The download failed: {}", curl().easy_strerror(code)), file_.address, kept);
    }
}

void require_room(const fs::path& folder, std::uint64_t bytes) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (!error && space.available < bytes)
        throw Error(fmt::format("The disk has no room: {} are needed and {} are free",
                                files::size_in_words(bytes), files::size_in_words(space.available)),
                    folder.string(), "Make room, or set EBMLAB_DATA to a folder on another disk.");
}

std::uint64_t size_or_zero(const fs::path& path) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(path, error);
    return error ? 0 : size;
}

/// check_download that removes what is wrong, since going on from it would never make it right.
bool check_and_keep(const RemoteFile& file, const fs::path& path, const DownloadProgress& progress) {
    try {
        return check_download(file, path, progress);
    } catch (const Error& error) {
        std::error_code ignored;
        fs::remove(path, ignored);
        throw Error(error.what_happened, error.where,
                    "It was removed. Try again; if that does not help, the server has another file.");
    }
}

} // namespace

bool check_download(const RemoteFile& file, const fs::path& path, const DownloadProgress& progress) {
    if (const std::uint64_t size = size_or_zero(path); size != file.bytes)
        throw Error(fmt::format("The file has {} bytes, and the published one has {}", size, file.bytes),
                    path.string(), "Delete it and get it again.");
    const bool sha = !file.sha256.empty();
    const std::string found = file_digest(path, sha ? DigestKind::sha256 : DigestKind::md5,
                                          [&](std::uint64_t) { return progress(file.bytes); });
    if (found.empty()) return false;
    if (found != (sha ? file.sha256 : file.md5))
        throw Error(fmt::format("The file has the {} {} and not the published {}", sha ? "SHA-256" : "MD5",
                                found, sha ? file.sha256 : file.md5),
                    path.string(), "Delete it and get it again.");
    return true;
}

bool download(const RemoteFile& file, const fs::path& folder, const DownloadProgress& progress) {
    const fs::path target = folder / file.name;
    fs::path part = target;
    part += ".part";
    if (size_or_zero(target) == file.bytes) return check_and_keep(file, target, progress);
    if (std::error_code error; fs::exists(target, error))
        throw Error(fmt::format("There is a file of that name with {} bytes, and the published one has {}",
                                size_or_zero(target), file.bytes),
                    target.string(), "Move it elsewhere.");
    require_room(folder, file.bytes - std::min(file.bytes, size_or_zero(part)));
    Transfer transfer(file, part, progress);
    bool refused = false;
    std::uint64_t most = transfer.done();
    while (transfer.done() < file.bytes) {
        const Transfer::End end = transfer.run();
        if (end == Transfer::End::stopped) return false;
        if (end == Transfer::End::refused && !refused) {
            refused = true;
            most = 0;
        } else if (end != Transfer::End::whole && transfer.done() <= most) {
            throw Error("The connection was cut", file.address,
                        fmt::format("What has come ({} of {}) is kept; the same command goes on from there.",
                                    files::size_in_words(transfer.done()), files::size_in_words(file.bytes)));
        }
        most = std::max(most, transfer.done());
    }
    transfer.close();
    if (!check_and_keep(file, part, progress)) return false;
    std::error_code error;
    fs::rename(part, target, error);
    if (error) throw system_error(failure, target, error.value());
    return true;
}

} // namespace ebm::store
