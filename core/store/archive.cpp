#include "core/store/archive.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <fmt/format.h>
#include <zip.h>

namespace ebm::store {
namespace {

constexpr std::size_t largest_in_memory = 4'000'000'000;
constexpr zip_int64_t most_files = 100'000;

Error damaged_archive(const std::string& source, const char* why) {
    return Error(fmt::format("The ZIP archive cannot be read: {}", why), source,
                 "Save it again, or give another copy.");
}

/// All that is left, growing as it comes.
std::vector<std::byte> rest_of(Input& input) {
    std::vector<std::byte> content;
    std::size_t filled = 0;
    while (true) {
        if (filled > largest_in_memory)
            throw Error(fmt::format("The archive is larger than {}, too large to be read from a stream",
                                    files::size_in_words(largest_in_memory)),
                        input.name(), "Give it as an ordinary file that is not packed once more.");
        content.resize(filled + std::max<std::size_t>(65536, filled / 2));
        const std::size_t got = input.read(std::span(content).subspan(filled));
        filled += got;
        if (filled < content.size()) break;
    }
    content.resize(filled);
    return content;
}

} // namespace

struct Archive::Handle {
    zip_t* archive = nullptr;
    ~Handle() {
        if (archive) zip_discard(archive);
    }
};

Archive::Archive(Input& input) : source_(input.name()), handle_(std::make_unique<Handle>()) {
    int code = 0;
    if (!input.ordinary_path().empty()) {
        handle_->archive = zip_open(input.ordinary_path().c_str(), ZIP_RDONLY, &code);
    } else {
        content_ = rest_of(input);
        zip_error_t error;
        zip_error_init(&error);
        zip_source_t* buffer = zip_source_buffer_create(content_.data(), content_.size(), 0, &error);
        handle_->archive = buffer ? zip_open_from_source(buffer, ZIP_RDONLY, &error) : nullptr;
        if (buffer && !handle_->archive) zip_source_free(buffer);
        code = zip_error_code_zip(&error);
        zip_error_fini(&error);
    }
    if (!handle_->archive)
        throw damaged_archive(source_, code == ZIP_ER_NOZIP || code == ZIP_ER_INCONS
                                           ? "its table of contents is damaged"
                                           : "it cannot be opened");
    const zip_int64_t count = std::min(zip_get_num_entries(handle_->archive, 0), most_files);
    for (zip_int64_t i = 0; i < count; ++i)
        if (const char* name = zip_get_name(handle_->archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS))
            names_.emplace_back(name);
}

Archive::~Archive() = default;

std::unique_ptr<Input> Archive::open(const std::string& name) {
    const auto found = std::ranges::find(names_, name);
    const auto index = static_cast<zip_uint64_t>(found - names_.begin());
    zip_stat_t status;
    zip_stat_init(&status);
    if (found == names_.end() || zip_stat_index(handle_->archive, index, 0, &status) != 0 ||
        !(status.valid & ZIP_STAT_SIZE))
        throw damaged_archive(source_, "its table of contents is damaged");
    zip_file_t* file = zip_fopen_index(handle_->archive, index, 0);
    if (!file)
        throw damaged_archive(source_, zip_error_code_zip(zip_get_error(handle_->archive)) == ZIP_ER_NOPASSWD
                                           ? "it is encrypted"
                                           : "a file in it cannot be unpacked");
    std::shared_ptr<zip_file_t> owner(file, [](zip_file_t* f) { zip_fclose(f); });
    const std::string source = source_;
    const auto read = [owner, source](std::span<std::byte> to) {
        const zip_int64_t got = zip_fread(owner.get(), to.data(), std::min<std::size_t>(to.size(), 1u << 30));
        if (got < 0) throw damaged_archive(source, "a file in it is damaged");
        return static_cast<std::size_t>(got);
    };
    return std::make_unique<Input>(read, status.size, fmt::format("{}, {}", source_, name));
}

} // namespace ebm::store
