#include "core/data/images.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/idx.h"
#include "core/data/places.h"
#include "core/store/table.h"

#include <cmath>
#include <fmt/format.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_table = 256'000'000;
constexpr std::int64_t largest_side = 4096;

/// `folder`/`name` or `folder`/`name`.gz, whichever is there; else empty.
fs::path packed_or_not(const fs::path& folder, const std::string& name) {
    std::error_code ignored;
    for (const std::string& candidate : {name, name + ".gz"})
        if (fs::exists(folder / candidate, ignored)) return folder / candidate;
    return {};
}

std::string idx_name(Split split, const char* kind) {
    return std::string(split == Split::train ? "train" : "t10k") + "-" + kind + "-ubyte";
}

/// "a, b or c".
std::string in_words(const std::vector<fs::path>& folders) {
    std::string words;
    for (std::size_t i = 0; i < folders.size(); ++i)
        words += (i == 0 ? "" : i + 1 == folders.size() ? " or " : ", ") + folders[i].string();
    return words;
}

std::optional<ImageSet> read_split(const fs::path& folder, Split split) {
    const fs::path images = packed_or_not(folder, idx_name(split, "images-idx3"));
    if (images.empty()) return std::nullopt;
    return read_images(images, packed_or_not(folder, idx_name(split, "labels-idx1")));
}

} // namespace

ImageSet find_fashion_mnist(Split split, const fs::path& folder) {
    const std::vector<fs::path> folders = folder.empty() ? places("fashion_mnist") : std::vector{folder};
    for (const fs::path& place : folders)
        if (std::optional<ImageSet> set = read_split(place, split)) return *std::move(set);
    throw Error(fmt::format("Fashion-MNIST is not there: {} is missing", idx_name(split, "images-idx3")),
                in_words(folders),
                folder.empty() ? "Install it with: apt-get install dataset-fashion-mnist"
                               : "Give the folder that holds the IDX files, gzip or not.");
}

std::optional<ImageSet> find_mnist(const fs::path& folder) {
    for (const fs::path& place : folder.empty() ? places("mnist") : std::vector{folder}) {
        for (const fs::path& inner : {place / "mnist", place})
            for (const Split split : {Split::held_out, Split::train})
                if (std::optional<ImageSet> set = read_split(inner, split)) return set;
        if (const fs::path digits = packed_or_not(place, "mnist_5k.csv"); !digits.empty())
            return parse_digit_table(files::read(digits, largest_table), digits.string());
    }
    return std::nullopt;
}

TrainingSet find_training_mnist(const fs::path& folder) {
    const std::vector<fs::path> folders = folder.empty() ? places("mnist") : std::vector{folder};
    for (const fs::path& place : folders)
        if (std::optional<ImageSet> train = read_split(place, Split::train)) {
            std::optional<ImageSet> held_out = read_split(place, Split::held_out);
            return {*std::move(train), held_out ? *std::move(held_out) : ImageSet()};
        }
    if (std::optional<ImageSet> some = find_mnist(folder)) return {*std::move(some), {}};
    throw Error(fmt::format("MNIST is not there: {} is missing", idx_name(Split::train, "images-idx3")),
                in_words(folders), "Get it with: ebmlab data get mnist");
}

ImageSet read_images(const fs::path& images, const fs::path& labels) {
    const auto read = [](const fs::path& path) {
        store::Input input(path.string());
        const torch::Tensor values = read_idx(input);
        if (values.scalar_type() != torch::kByte)
            throw Error("The IDX file does not hold unsigned bytes", path.string(),
                        "Give the file as the data set has it.");
        return values;
    };
    const torch::Tensor pixels = read(images);
    const std::int64_t dimensions = pixels.dim();
    if (dimensions < 3)
        throw Error(fmt::format("The IDX file has {} dimensions, but images have 3 or 4", dimensions),
                    images.string(), "Give the file of images, not the one of labels.");
    ImageSet set;
    set.source = images.string();
    set.count = pixels.size(0);
    set.channels = dimensions == 4 ? pixels.size(1) : 1;
    set.height = pixels.size(dimensions - 2);
    set.width = pixels.size(dimensions - 1);
    if (pixels.numel() == 0)
        throw Error("The IDX file holds no images", set.source, "Give a file with images.");
    if (set.height > largest_side || set.width > largest_side || (set.channels != 1 && set.channels != 3))
        throw Error(
            fmt::format("The IDX file holds images of {} channels, {} × {} pixels", set.channels, set.height,
                        set.width),
            set.source,
            fmt::format("Give images of 1 or 3 channels and at most {} pixels a side.", largest_side));
    const auto bytes = [](const torch::Tensor& values) {
        const auto* first = values.const_data_ptr<std::uint8_t>();
        return std::vector<std::uint8_t>(first, first + values.numel());
    };
    set.pixels = bytes(pixels);
    if (!labels.empty()) {
        const torch::Tensor classes = read(labels);
        if (classes.dim() != 1 || classes.size(0) != set.count)
            throw Error(fmt::format("The labels do not belong to the {} images of {}", set.count,
                                    images.filename().string()),
                        labels.string(), "Give the file with one label for each image.");
        set.labels = bytes(classes);
    }
    return set;
}

fs::path labels_beside(const fs::path& images) {
    std::string name = images.filename().string();
    const std::size_t at = name.rfind("images");
    if (at == std::string::npos) return {};
    name.replace(at, 6, "labels");
    for (const char* dimensions : {"idx3", "idx4"})
        if (const std::size_t type = name.find(dimensions, at); type != std::string::npos)
            name.replace(type, 4, "idx1");
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    return packed_or_not(images.parent_path(), name);
}

ImageSet parse_digit_table(std::span<const std::byte> content, const std::string& source) {
    store::Input input(content, source);
    const store::Table table = store::read_table(input);
    constexpr std::int64_t side = 28, columns = side * side + 1;
    if (table.rows() == 0) throw Error("The file holds no digits", source, "Give the file mnist_5k.csv.gz.");
    if (table.columns != columns)
        throw Error(fmt::format("The file has {} columns, but digits have {}: 28 × 28 pixels and the label",
                                table.columns, columns),
                    source, "Give the file mnist_5k.csv.gz.");
    ImageSet set;
    set.source = source;
    set.count = table.rows();
    set.height = set.width = side;
    set.pixels.reserve(static_cast<size_t>(set.count * side * side));
    for (size_t i = 0; i < table.values.size(); ++i) {
        const double value = table.values[i];
        const bool label = i % columns == columns - 1;
        if (!(value >= 0 && value <= 255) || value != std::floor(value))
            throw Error(fmt::format("Line {}: {} is not a {}", table.lines[i / columns], value,
                                    label ? "label" : "pixel from 0 to 255"),
                        source, "Copy or download the file again.");
        (label ? set.labels : set.pixels).push_back(static_cast<std::uint8_t>(value));
    }
    return set;
}

} // namespace ebm::data
