#include "core/data/byte_cache.h"

#include "core/base/descriptor.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/new_file.h"
#include "core/kernels/parallel.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

/// At the beginning of the file. Behind it the description as JSON, the labels as int32, zeros up to a
/// multiple of `page`, and the pixels to the end.
struct Start {
    std::array<char, 8> magic{'E', 'B', 'M', 'b', 'y', 't', 'e', '1'};
    std::uint64_t description_bytes = 0, label_bytes = 0, pixel_bytes = 0;
    std::uint32_t crc = 0; ///< of description and labels
    std::uint32_t unused = 0;
};
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t most_description = 16'000'000;

std::string description_of(const CacheContent& content) {
    const nlohmann::ordered_json json = {
        {"made_of", content.made_of},   {"note", content.note},         {"train", content.train},
        {"held_out", content.held_out}, {"channels", content.channels}, {"height", content.height},
        {"width", content.width},       {"classes", content.classes},   {"checksum", content.checksum}};
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::uint64_t rounded(std::uint64_t bytes) {
    return (bytes + page - 1) / page * page;
}

std::uint64_t pixels_at(const Start& start) {
    return rounded(sizeof(Start) + start.description_bytes + start.label_bytes);
}

std::uint32_t crc_of(std::uint32_t crc, const void* bytes, std::size_t size) {
    return static_cast<std::uint32_t>(crc32_z(crc, static_cast<const Bytef*>(bytes), size));
}

Start start_of(const CacheContent& content, const std::string& description) {
    Start start;
    start.description_bytes = description.size();
    start.label_bytes = content.labels.size() * sizeof(std::int32_t);
    start.pixel_bytes = static_cast<std::uint64_t>(content.count() * content.picture_bytes());
    start.crc = crc_of(0, description.data(), description.size());
    if (start.label_bytes > 0) start.crc = crc_of(start.crc, content.labels.data(), start.label_bytes);
    return start;
}

/// What the description says; nothing if it contradicts the sizes of the file.
std::optional<CacheContent> parsed(const std::string& description, const Start& start) {
    const nlohmann::json json = nlohmann::json::parse(description, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    CacheContent content;
    try {
        content.made_of = json.at("made_of").get<std::string>();
        content.note = json.value("note", "");
        content.train = json.at("train").get<std::int64_t>();
        content.held_out = json.at("held_out").get<std::int64_t>();
        content.channels = json.at("channels").get<int>();
        content.height = json.at("height").get<int>();
        content.width = json.at("width").get<int>();
        content.classes = json.at("classes").get<std::vector<std::string>>();
        content.checksum = json.at("checksum").get<std::string>();
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
    std::uint64_t bytes = 0, count = 0;
    const bool sizes =
        content.train >= 0 && content.held_out >= 0 && content.channels > 0 && content.height > 0 &&
        content.width > 0 && content.channels <= 4 && content.height <= 16384 && content.width <= 16384 &&
        !__builtin_add_overflow(static_cast<std::uint64_t>(content.train),
                                static_cast<std::uint64_t>(content.held_out), &count) &&
        !__builtin_mul_overflow(count, static_cast<std::uint64_t>(content.picture_bytes()), &bytes) &&
        bytes == start.pixel_bytes && bytes > 0 &&
        (start.label_bytes == 0 || start.label_bytes / sizeof(std::int32_t) == count);
    return sizes ? std::optional(content) : std::nullopt;
}

bool read_at(int file, std::uint64_t at, void* to, std::size_t size) {
    auto* bytes = static_cast<char*>(to);
    while (size > 0) {
        const ssize_t got = ::pread(file, bytes, size, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes += got;
        at += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

/// Whether labels and classes belong together.
bool labels_fit(const CacheContent& content) {
    const auto classes = static_cast<std::int32_t>(content.classes.size());
    return std::ranges::all_of(content.labels,
                               [&](std::int32_t label) { return label >= -1 && label < classes; });
}

void require_room(const fs::path& path, std::uint64_t bytes) {
    std::error_code error;
    const fs::space_info space = fs::space(path.parent_path(), error);
    if (error || space.available >= bytes) return;
    throw Error(fmt::format("The decoded pictures need {} of disk, and {} are free",
                            files::size_in_words(bytes), files::size_in_words(space.available)),
                path.string(), "Free some space, or set XDG_CACHE_HOME to a folder on another disk.");
}

/// Of the pixels of a row; those of all rows are added up, because they come in any order when they are
/// written.
std::uint32_t row_sum(std::int64_t row, const std::uint8_t* pixels, std::size_t size) {
    return crc_of(crc_of(0, &row, sizeof row), pixels, size);
}

std::string in_words(std::uint32_t sum) {
    return fmt::format("{:08x}", sum);
}

std::string sum_of(const CacheContent& content, const std::uint8_t* pixels) {
    const auto bytes = static_cast<std::size_t>(content.picture_bytes());
    std::atomic<std::uint32_t> sum = 0;
    kernels::parallel_for(content.count(), torch::get_num_threads(), [&](std::int64_t row) {
        sum += row_sum(row, pixels + static_cast<std::size_t>(row) * bytes, bytes);
    });
    return in_words(sum);
}

/// Beside a cache whose pixels were compared with their checksum: says of which file that is so, and that it
/// was since the machine was started, so that after a crash it is done again.
fs::path stamp_path(const fs::path& cache) {
    fs::path path = cache;
    return path += ".checked";
}

/// Empty where the system does not tell its starts apart.
std::string stamp_of(const struct stat& status) {
    std::string boot;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
    if (boot.empty()) return {};
    return fmt::format("{} {} {} {} {}", status.st_ino, status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec, boot);
}

bool has_stamp(const fs::path& cache, const std::string& stamp) {
    std::string found;
    std::getline(std::ifstream(stamp_path(cache)), found);
    return !stamp.empty() && found == stamp;
}

/// One that is not whole is like none.
void put_stamp(const fs::path& cache, const std::string& stamp) {
    if (!stamp.empty()) std::ofstream(stamp_path(cache)) << stamp << '\n';
}

} // namespace

fs::path picture_cache_folder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache == '/')
        return fs::path(cache) / "ebmlab" / "data";
    if (const char* home = std::getenv("HOME"); home && *home == '/')
        return fs::path(home) / ".cache" / "ebmlab" / "data";
    return {};
}

std::uint64_t cache_size(const CacheContent& content) {
    CacheContent written = content;
    written.checksum = "00000000";
    const Start start = start_of(written, description_of(written));
    return pixels_at(start) + start.pixel_bytes;
}

std::optional<OpenCache> open_cache(const fs::path& path, const std::string& made_of) {
    const files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    Start start;
    const Start expected;
    if (file.number < 0 || ::fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid() || !read_at(file.number, 0, &start, sizeof start) ||
        start.magic != expected.magic || start.description_bytes > most_description)
        return std::nullopt;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (start.label_bytes > size || start.pixel_bytes > size || pixels_at(start) + start.pixel_bytes != size)
        return std::nullopt;
    std::string description(start.description_bytes, '\0');
    if (!read_at(file.number, sizeof start, description.data(), description.size())) return std::nullopt;
    std::optional<CacheContent> content = parsed(description, start);
    if (!content || content->made_of != made_of) return std::nullopt;
    content->labels.resize(start.label_bytes / sizeof(std::int32_t));
    if (!read_at(file.number, sizeof start + description.size(), content->labels.data(), start.label_bytes) ||
        start_of(*content, description).crc != start.crc || !labels_fit(*content))
        return std::nullopt;
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number, 0);
    if (mapped == MAP_FAILED) return std::nullopt;
    OpenCache cache;
    cache.pixels = torch::from_blob(
        static_cast<std::uint8_t*>(mapped) + pixels_at(start),
        {content->count(), content->channels, content->height, content->width},
        [mapped, size](void*) { ::munmap(mapped, size); }, torch::kByte);
    cache.content = *std::move(content);
    const std::string stamp = stamp_of(status);
    if (has_stamp(path, stamp)) return cache;
    if (sum_of(cache.content, cache.pixels.const_data_ptr<std::uint8_t>()) != cache.content.checksum) {
        log::warning("{}: the decoded pictures there are damaged, and are made again.", path.string());
        std::error_code ignored;
        fs::remove(path, ignored);
        return std::nullopt;
    }
    put_stamp(path, stamp);
    return cache;
}

void write_cache(const fs::path& path, const CacheContent& content,
                 const std::function<void(const PutPicture&)>& decode) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    require_room(path, cache_size(content));
    files::NewFile file(path);
    CacheContent written = content;
    written.checksum = "00000000";
    const std::uint64_t first = pixels_at(start_of(written, description_of(written)));
    const auto bytes = static_cast<std::uint64_t>(content.picture_bytes());
    std::uint32_t sum = 0;
    std::vector<bool> put(static_cast<std::size_t>(content.count()));
    decode([&](std::int64_t row, std::span<const std::uint8_t> pixels) {
        const auto index = static_cast<std::size_t>(row);
        if (row < 0 || index >= put.size() || put[index] || pixels.size() != bytes)
            throw Error(fmt::format("Picture {} of a set does not fit into its cache", row + 1),
                        path.string(), "This is a mistake in the program. Please report it.");
        put[index] = true;
        sum += row_sum(row, pixels.data(), pixels.size());
        file.write(first + static_cast<std::uint64_t>(row) * bytes, std::as_bytes(pixels));
    });
    if (!std::ranges::all_of(put, [](bool done) { return done; }))
        throw Error("Some pictures of a set are missing in its cache", path.string(),
                    "The files were changed while they were read. Try again.");
    written.checksum = in_words(sum);
    const std::string description = description_of(written);
    const Start start = start_of(written, description);
    file.write(0, std::as_bytes(std::span(&start, 1)));
    file.write(sizeof start, files::as_bytes(description));
    if (start.label_bytes > 0)
        file.write(sizeof start + description.size(), std::as_bytes(std::span(content.labels)));
    file.finish();
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) put_stamp(path, stamp_of(status));
}

} // namespace ebm::data
