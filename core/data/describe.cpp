#include "core/data/formats.h"

#include "core/base/counted.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::data {

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
    description.words = fmt::format("points with {}: {}{}", counted(columns, "column"),
                                    fmt::join(first, ", "), columns > 4 ? ", …" : "");
}

void describe_pictures(FileDescription& description, std::int64_t count, int channels, int height,
                       int width) {
    description.use = FileDescription::Use::pictures;
    description.count = count;
    description.channels = channels;
    description.height = height;
    description.width = width;
    description.words = fmt::format("{} of {} × {} pixels{}", counted(count, "picture"), height, width,
                                    channels >= 3 ? " in colour" : "");
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
    describe_pictures(description, records.size(0), static_cast<int>(records.size(1)),
                      static_cast<int>(records.size(2)), static_cast<int>(records.size(3)));
}

} // namespace ebm::data
