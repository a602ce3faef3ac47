#include "core/data/reader.h"

#include "core/base/error.h"
#include "core/data/formats.h"
#include "core/data/images.h"
#include "core/data/labels.h"
#include "core/store/input.h"

#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

/// FILE.npz:NAME in its parts, unless a file has the whole name.
std::pair<std::string, std::string> path_and_array(const std::string& path) {
    std::error_code ignored;
    const std::size_t colon = path.rfind(':');
    if (colon == std::string::npos || colon + 1 == path.size() ||
        path.find('/', colon) != std::string::npos || fs::exists(store::expanded_path(path), ignored) ||
        !fs::exists(store::expanded_path(path.substr(0, colon)), ignored))
        return {path, ""};
    return {path.substr(0, colon), path.substr(colon + 1)};
}

bool is_folder(const std::string& path) {
    std::error_code ignored;
    return path != "-" && fs::is_directory(store::expanded_path(path), ignored);
}

/// "a table (CSV), npy, …": what can be given.
std::string offered_formats() {
    std::vector<std::string> names;
    for (const Format* format : formats())
        names.insert(format->is ? names.end() : names.begin(), format->offered);
    return fmt::format("{}", fmt::join(names, ", "));
}

Error unusable(const std::string& words, const std::string& source) {
    return Error(fmt::format("The file is {}", words), source,
                 fmt::format("Give {}, or a folder of pictures.", offered_formats()));
}

Error nothing_to_name(const std::string& source) {
    return Error("The setting data.labels names a column or an array, and the file has none to choose from",
                 source, "Leave data.labels empty.");
}

Records read_known(const FileRequest& request) {
    const FileIdentity identity = identify(request.input);
    if (!identity.format) throw unusable(identity.words, request.input.name());
    if (!request.labels.empty() && !identity.format->names_labels)
        throw nothing_to_name(request.input.name());
    Records records = identity.format->read(request);
    if (records.count() == 0 || records.values.numel() == 0)
        throw Error("The file holds no samples", request.input.name(), "Give at least one sample.");
    return records;
}

} // namespace

Records read_records(store::Input& input, const std::vector<std::string>& columns,
                     const std::string& labels) {
    return read_known({input, {}, columns, labels, {}});
}

Records read_records(const std::string& path, const std::vector<std::string>& columns,
                     const std::string& labels) {
    if (path.empty())
        throw Error("No file is given", "", "Give the path of a file or of a folder of pictures.");
    if (is_folder(path)) {
        if (!labels.empty()) throw nothing_to_name(path);
        return read_folder(store::expanded_path(path));
    }
    const auto [file, array] = path_and_array(path);
    store::Input input(file);
    return read_known({input, array, columns, labels, labels_beside(store::expanded_path(file))});
}

std::vector<std::string> split_columns(std::string_view text) {
    std::vector<std::string> columns;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view name = text.substr(0, comma);
        name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
        while (name.ends_with(' '))
            name.remove_suffix(1);
        if (!name.empty()) columns.emplace_back(name);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return columns;
}

std::string checksum(const Records& records) {
    const torch::Tensor values = records.values.contiguous();
    uLong crc = crc32_z(0, nullptr, 0);
    for (const std::int64_t extent : values.sizes())
        crc = crc32_z(crc, reinterpret_cast<const Bytef*>(&extent), sizeof extent);
    crc = crc32_z(crc, static_cast<const Bytef*>(values.const_data_ptr()), values.nbytes());
    return fmt::format("{:08x}", static_cast<std::uint32_t>(crc));
}

FileDescription describe(const std::string& path) {
    try {
        if (is_folder(path)) return describe_folder(store::expanded_path(path));
        const auto [file, array] = path_and_array(path);
        store::Input input(file);
        const FileIdentity identity = identify(input);
        FileDescription description;
        description.words = identity.words;
        if (identity.format) identity.format->describe({input, array, {}, {}, {}}, description);
        if (identity.own == FileIdentity::Own::scene) description.use = FileDescription::Use::scene;
        if (identity.own == FileIdentity::Own::checkpoint) description.use = FileDescription::Use::checkpoint;
        if (identity.own == FileIdentity::Own::lesson) description.use = FileDescription::Use::lesson;
        return description;
    } catch (const Error& error) {
        FileDescription description;
        description.words = error.what_happened;
        return description;
    }
}

} // namespace ebm::data
