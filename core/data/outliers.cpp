#include "core/data/outliers.h"

#include "core/base/counted.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::data {
namespace {

constexpr double far = 20; ///< times the width of the middle 90 %
constexpr std::size_t fewest = 20;

/// The k-th smallest; reorders.
float smallest(std::vector<float>& values, double share) {
    const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + k, values.end());
    return values[static_cast<std::size_t>(k)];
}

} // namespace

std::string outlier_note(const torch::Tensor& x, const Coding& coding) {
    std::string note;
    const torch::Tensor rows = x.contiguous();
    const float* value = rows.const_data_ptr<float>();
    const auto count = static_cast<std::size_t>(rows.size(0));
    const std::size_t columns = coding.columns.size();
    if (count < fewest) return note;
    for (std::size_t column = 0; column < columns; ++column) {
        std::vector<float> values;
        for (std::size_t row = 0; row < count; ++row)
            values.push_back(value[row * columns + column]);
        const double low = smallest(values, 0.05), median = smallest(values, 0.5),
                     high = smallest(values, 0.95), width = high - low;
        if (width <= 0) continue;
        std::size_t first = count, outliers = 0;
        for (std::size_t row = 0; row < count; ++row) {
            if (std::abs(value[row * columns + column] - median) <= far * width) continue;
            first = std::min(first, row);
            ++outliers;
        }
        if (outliers == 0) continue;
        const Coding::Column& name = coding.columns[column];
        note += fmt::format("{}{} = {:.6g} in record {}{} lies far from all others: it makes the standard "
                            "deviation {:.4g}, and "
                            "nine tenths of the standardised points lie within {:.2g} of each other. Remove "
                            "the record if it is "
                            "a mistake.",
                            note.empty() ? "" : " ", name.name,
                            coding.to_file(column, value[first * columns + column]), first + 1,
                            outliers > 1 ? fmt::format(" (and {} more)", outliers - 1) : "", name.sd, width);
    }
    return note;
}

std::string distance_note(const torch::Tensor& x, const Coding& coding) {
    constexpr double much = 6; // standard deviations
    if (coding.identity() || x.size(0) == 0) return "";
    const std::int64_t away = x.abs().gt(much).any(1).sum().item<std::int64_t>();
    if (2 * away <= x.size(0)) return "";
    return fmt::format(
        "{} of {} lie more than {} standard deviations from the mean of the data that the model "
        "learned. Are the columns {} in this order, and their units the same?",
        away, counted(x.size(0), "point"), much, fmt::join(coding.names(), " and "));
}

} // namespace ebm::data
