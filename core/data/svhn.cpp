#include "core/data/picture_sources.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/data/class_names.h"
#include "core/store/matlab.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t side = 32, channels = 3;

/// Reads the labels of a file and returns how many there are. In the files, digit 0 has label 10.
std::int64_t read_labels(const fs::path& path, std::vector<std::int32_t>& labels) {
    const store::MatlabFile file(path.string());
    const std::vector<std::int64_t> shape = file.shape("X");
    if (shape.size() != 4 || shape[0] != side || shape[1] != side || shape[2] != channels)
        throw Error(fmt::format("The array X is {}, not 32 × 32 × 3 × the number of pictures",
                                fmt::join(shape, " × ")),
                    path.string(), "Give the file of cropped digits, train_32x32.mat or test_32x32.mat.");
    const torch::Tensor numbers = file.read("y").to(torch::kDouble);
    if (numbers.numel() != shape[3])
        throw Error(fmt::format("{} for {}", counted(numbers.numel(), "label"), counted(shape[3], "picture")),
                    path.string(), "The file is damaged. Download it again.");
    for (std::int64_t i = 0; i < numbers.numel(); ++i) {
        const double label = numbers.const_data_ptr<double>()[i];
        if (!(label >= 1 && label <= 10) || label != static_cast<std::int32_t>(label))
            throw Error(
                fmt::format("The label of record {} is {:g}, and labels are 1 to 10, where 10 is the digit 0",
                            i + 1, label),
                path.string(), "The file is damaged or of another set. Download it again.");
        labels.push_back(static_cast<std::int32_t>(label) % 10);
    }
    return shape[3];
}

} // namespace

std::optional<PictureSource> find_svhn(const fs::path& folder, const PictureForm& form) {
    std::vector<fs::path> files = files_like(folder, "train_32x32.mat", "");
    const std::vector<fs::path> test = files_like(folder, "test_32x32.mat", "");
    if (files.empty() && test.empty()) return std::nullopt;
    PictureSource source;
    source.has_split = !files.empty() && !test.empty();
    source.content.classes = svhn_classes();
    std::vector<std::int64_t> counts;
    for (const fs::path& path : files) {
        counts.push_back(read_labels(path, source.content.labels));
        source.content.train += counts.back();
    }
    for (const fs::path& path : test) {
        files.push_back(path);
        counts.push_back(read_labels(path, source.content.labels));
        (source.has_split ? source.content.held_out : source.content.train) += counts.back();
    }
    set_shape(source.content, form, channels, side, side);
    source.decode = [files, counts, form, content = source.content](const PutPicture& put) {
        Former former(content, form);
        std::int64_t row = 0;
        for (std::size_t k = 0; k < files.size(); ++k) {
            const torch::Tensor numbers = store::MatlabFile(files[k].string()).read("X");
            if (numbers.scalar_type() != torch::kByte ||
                numbers.numel() != counts[k] * side * side * channels)
                throw Error("The array X does not hold bytes", files[k].string(),
                            "Give the file of cropped digits as it is published.");
            // The first dimension, the row, is the fastest: [n][channel][column][row] in memory.
            const torch::Tensor pictures = numbers.reshape({counts[k], channels, side, side}).transpose(2, 3);
            for (std::int64_t i = 0; i < counts[k]; ++i) {
                const torch::Tensor one = pictures[i].contiguous();
                put(row++, former.planes(
                               {one.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(one.numel())},
                               channels, side, side, fmt::format("{}, record {}", files[k].string(), i + 1)));
            }
        }
    };
    return source;
}

} // namespace ebm::data
