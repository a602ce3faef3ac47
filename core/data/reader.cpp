#include "core/data/reader.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/data/formats.h"
#include "core/data/idx.h"
#include "core/data/images.h"
#include "core/data/labels.h"
#include "core/store/archive.h"
#include "core/store/image.h"
#include "core/store/npy.h"
#include "core/store/table.h"

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

Error unusable(const std::string& words, const std::string& source) {
    return Error(fmt::format("The file is {}", words), source,
                 "Give a table (CSV), npy, npz, IDX, PNG or JPEG, or a folder of pictures.");
}

Error nothing_to_name(const std::string& source) {
    return Error("The setting data.labels names a column or an array, and the file has none to choose from",
                 source, "Leave data.labels empty.");
}

/// `beside`: the file of labels of an IDX file; empty without.
Records read_known(store::Input& input, const std::string& array, const std::vector<std::string>& columns,
                   const std::string& labels, const fs::path& beside) {
    const FileIdentity identity = identify(input);
    if (!labels.empty() && (identity.kind == FileKind::idx || identity.kind == FileKind::picture))
        throw nothing_to_name(input.name());
    switch (identity.kind) {
    case FileKind::table:
        return read_table_records(input, columns, labels);
    case FileKind::npy:
        return read_npy_records(input, columns, labels);
    case FileKind::zip:
        return read_npz_records(input, array, columns, labels);
    case FileKind::idx: {
        Records records = read_idx_records(input);
        if (beside.empty()) return records;
        store::Input file(beside.string());
        set_labels(records, read_idx(file), beside.string());
        return records;
    }
    case FileKind::picture:
        return read_picture_records(input);
    case FileKind::scene:
    case FileKind::checkpoint:
    case FileKind::other:
        break;
    }
    throw unusable(identity.words, input.name());
}

std::string pictures_in_words(std::int64_t count, int channels, int height, int width) {
    return fmt::format("{} of {} × {} pixels{}", count == 1 ? "1 picture" : fmt::format("{} pictures", count),
                       height, width, channels >= 3 ? " in colour" : "");
}

void describe_rows(FileDescription& description, const std::vector<std::string>& names,
                   const std::vector<bool>& numbers, std::int64_t columns) {
    description.use = FileDescription::Use::points;
    description.named = !names.empty();
    for (std::int64_t i = 0; i < columns; ++i) {
        const auto k = static_cast<std::size_t>(i);
        description.columns.push_back(
            k < names.size() && !names[k].empty() ? names[k] : fmt::format("column {}", i + 1));
        description.numbers.push_back(k >= numbers.size() || numbers[k]);
        if (i == 99) break;
    }
    std::vector<std::string> first = description.columns;
    if (first.size() > 4) first.resize(4);
    description.words = fmt::format("points with {} column{}: {}{}", columns, columns == 1 ? "" : "s",
                                    fmt::join(first, ", "), columns > 4 ? ", …" : "");
}

void describe_array(FileDescription& description, const std::vector<std::int64_t>& shape) {
    if (shape.size() <= 2) {
        describe_rows(description, {}, {}, shape.size() == 2 ? shape[1] : 1);
        description.count = shape.empty() ? 0 : shape[0];
        return;
    }
    // Only the shape is asked for: a tensor without numbers behind it tells how it would be turned.
    const torch::Tensor records =
        as_records(torch::empty(shape, torch::TensorOptions().device(torch::kMeta)), "");
    description.use = FileDescription::Use::pictures;
    description.count = records.size(0);
    description.channels = static_cast<int>(records.size(1));
    description.height = static_cast<int>(records.size(2));
    description.width = static_cast<int>(records.size(3));
    description.words =
        pictures_in_words(description.count, description.channels, description.height, description.width);
}

FileDescription describe_known(store::Input& input, const std::string& array) {
    FileDescription description;
    const FileIdentity identity = identify(input);
    description.words = identity.words;
    switch (identity.kind) {
    case FileKind::table: {
        const store::TableStart start = store::table_start(input);
        describe_rows(description, start.names, start.numbers, static_cast<std::int64_t>(start.columns));
        break;
    }
    case FileKind::npy:
        describe_array(description, store::read_npy_header(input).shape);
        break;
    case FileKind::zip: {
        store::Archive archive(input);
        const auto file = archive.open(chosen_array(archive.names(), array, input.name()));
        describe_array(description, store::read_npy_header(*file).shape);
        break;
    }
    case FileKind::idx: {
        const IdxHeader header = read_idx_header(input);
        if (header.shape.size() == 1) {
            description.words = "labels (IDX with 1 dimension), not samples";
        } else {
            describe_array(description, header.shape);
        }
        break;
    }
    case FileKind::picture: {
        const store::Image image = store::read_image(input);
        description.use = FileDescription::Use::pictures;
        description.count = 1;
        description.channels = image.channels >= 3 ? 3 : 1;
        description.height = image.height;
        description.width = image.width;
        description.words = pictures_in_words(1, description.channels, image.height, image.width);
        break;
    }
    case FileKind::scene:
        description.use = FileDescription::Use::scene;
        break;
    case FileKind::checkpoint:
        description.use = FileDescription::Use::checkpoint;
        break;
    case FileKind::other:
        break;
    }
    return description;
}

} // namespace

Records read_records(store::Input& input, const std::vector<std::string>& columns,
                     const std::string& labels) {
    Records records = read_known(input, "", columns, labels, {});
    if (records.count() == 0 || records.values.numel() == 0)
        throw Error("The file holds no samples", input.name(), "Give at least one sample.");
    return records;
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
    Records records = read_known(input, array, columns, labels, labels_beside(store::expanded_path(file)));
    if (records.count() == 0 || records.values.numel() == 0)
        throw Error("The file holds no samples", path, "Give at least one sample.");
    return records;
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
        return describe_known(input, array);
    } catch (const Error& error) {
        FileDescription description;
        description.words = error.what_happened;
        return description;
    }
}

} // namespace ebm::data
