#include "core/data/picture_sources.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/store/archive.h"
#include "core/store/npy.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t imagenet_pixels = 3 * 32 * 32;
constexpr std::int32_t most_labels = 1000;

struct Part {
    fs::path path;
    std::int64_t count = 0;
};

/// The arrays of one file: how many pictures there are, and their labels, which count from 1.
Part read_part(const fs::path& path, std::vector<std::int32_t>& labels) {
    store::Input input(path.string());
    store::Archive archive(input);
    for (const char* name : {"data.npy", "labels.npy"})
        if (std::ranges::find(archive.names(), name) == archive.names().end())
            throw Error(fmt::format("The file has no array {}",
                                    std::string_view(name).substr(0, std::string_view(name).size() - 4)),
                        path.string(), "Give the files of ImageNet 32 × 32 as they are published.");
    const store::NpyHeader header = store::read_npy_header(*archive.open("data.npy"));
    if (header.shape.size() != 2 || header.shape[1] != imagenet_pixels || header.type.size != 1 ||
        header.type.kind != store::ElementType::Kind::natural || header.fortran_order)
        throw Error(fmt::format("The array data holds {} numbers of {} bytes each, not rows of {} bytes",
                                fmt::join(header.shape, " × "), header.type.size, imagenet_pixels),
                    path.string(), "Give the files of ImageNet 32 × 32 as they are published.");
    const torch::Tensor numbers =
        store::read_npy(*archive.open("labels.npy")).to(torch::kDouble).contiguous();
    if (numbers.numel() != header.shape[0])
        throw Error(
            fmt::format("{} for {}", counted(numbers.numel(), "label"), counted(header.shape[0], "picture")),
            path.string(), "The file is damaged. Download it again.");
    for (std::int64_t i = 0; i < numbers.numel(); ++i) {
        const double label = numbers.const_data_ptr<double>()[i];
        if (!(label >= 1 && label <= most_labels) || label != static_cast<std::int32_t>(label))
            throw Error(fmt::format("The label of record {} is {:g}, and labels are 1 to {}", i + 1, label,
                                    most_labels),
                        path.string(), "The file is damaged. Download it again.");
        labels.push_back(static_cast<std::int32_t>(label) - 1);
    }
    return {path, header.shape[0]};
}

} // namespace

std::optional<PictureSource> find_imagenet32(const fs::path& folder, const PictureForm& form) {
    std::vector<fs::path> train = files_like(folder, "train_data_batch_", ".npz");
    std::vector<fs::path> held_out = files_like(folder, "val_data", ".npz");
    // The folders that the two archives unpack to.
    if (train.empty()) train = files_like(folder / "Imagenet32_train_npz", "train_data_batch_", ".npz");
    if (held_out.empty()) held_out = files_like(folder / "Imagenet32_val_npz", "val_data", ".npz");
    if (train.empty() && held_out.empty()) return std::nullopt;
    PictureSource source;
    source.has_split = !train.empty() && !held_out.empty();
    std::vector<Part> parts;
    for (const fs::path& path : train) {
        parts.push_back(read_part(path, source.content.labels));
        source.content.train += parts.back().count;
    }
    for (const fs::path& path : held_out) {
        parts.push_back(read_part(path, source.content.labels));
        (source.has_split ? source.content.held_out : source.content.train) += parts.back().count;
    }
    if (!train.empty()) warn_of_missing(train.front().parent_path(), train, "train_data_batch_", ".npz", 10);
    for (std::int32_t k = 1; k <= most_labels; ++k)
        source.content.classes.push_back(fmt::format("{}", k));
    set_shape(source.content, form, 3, 32, 32);
    source.decode = [parts, form, content = source.content](const PutPicture& put) {
        Former former(content, form);
        std::vector<std::uint8_t> picture(static_cast<std::size_t>(imagenet_pixels));
        std::int64_t row = 0;
        for (const Part& part : parts) {
            store::Input file(part.path.string());
            store::Archive archive(file);
            const std::unique_ptr<store::Input> input = archive.open("data.npy");
            (void)store::read_npy_header(*input);
            for (std::int64_t i = 0; i < part.count; ++i) {
                const std::string place = fmt::format("{}, record {}", part.path.string(), i + 1);
                if (input->read(std::as_writable_bytes(std::span(picture))) < picture.size())
                    throw Error("The file ends within a picture", place,
                                "The file is cut off. Download it again.");
                put(row++, former.planes(picture, 3, 32, 32, place));
            }
        }
    };
    return source;
}

} // namespace ebm::data
