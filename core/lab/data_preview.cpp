#include "core/lab/data_preview.h"

#include "core/base/random.h"
#include "core/lab/views.h"

#include <algorithm>
#include <cmath>

namespace ebm::lab {
namespace {

constexpr std::int64_t most_pictures = 240, most_picture_bytes = 6'000'000;
/// Numbers that are looked at for mean and range: a fraction of a second.
constexpr std::int64_t most_numbers = 16'000'000;
constexpr std::uint32_t preview_step = 1001; ///< apart from the other draws of RandomGroup::evaluation

/// Rows to show: drawn at random, as many of each class as of the others, in the order of the classes.
std::vector<std::int64_t> shown_rows(const Dataset& dataset, std::int64_t most, std::uint64_t seed) {
    std::vector<std::pair<std::uint32_t, std::int64_t>> keys;
    for (std::int64_t row = 0; row < dataset.train.size(0); ++row) {
        const random::Place place{seed, random::Stream::data,
                                  static_cast<std::uint32_t>(RandomGroup::evaluation),
                                  static_cast<std::uint32_t>(row), preview_step};
        keys.emplace_back(random::words(place, 0)[0], row);
    }
    std::ranges::sort(keys);
    const auto classes = static_cast<std::int64_t>(dataset.classes.size());
    const std::int64_t* label =
        dataset.train_labels.defined() ? dataset.train_labels.const_data_ptr<std::int64_t>() : nullptr;
    const std::int64_t of_each = label ? std::max<std::int64_t>(1, most / classes) : most;
    std::vector<std::int64_t> taken(static_cast<std::size_t>(label ? classes : 1));
    std::vector<std::int64_t> rows;
    for (const auto& [key, row] : keys) {
        if (static_cast<std::int64_t>(rows.size()) >= most) break;
        std::int64_t& number = taken[static_cast<std::size_t>(label ? label[row] : 0)];
        if (number >= of_each) continue;
        ++number;
        rows.push_back(row);
    }
    if (label) std::ranges::stable_sort(rows, {}, [&](std::int64_t row) { return label[row]; });
    return rows;
}

/// x as a file has it, of axis or channel `which`.
double in_file_units(const data::Coding& coding, bool plane, std::size_t which, double x) {
    return plane ? coding.to_file(which, x) : coding.low + (x + 1) / 2 * (coding.high - coding.low);
}

void measure_values(DataView& view, const Dataset& dataset) {
    const bool plane = dataset.kind.plane;
    const std::int64_t channels = plane ? 2 : dataset.kind.channels;
    const torch::Tensor rows =
        evenly(dataset.train.size(0), std::max<std::int64_t>(1, most_numbers / dataset.kind.elements()));
    view.measured = rows.size(0);
    torch::Tensor sum = torch::zeros({channels}, torch::kDouble), squares = sum.clone();
    torch::Tensor low = torch::full({channels}, INFINITY), high = -low;
    constexpr std::int64_t piece = 1024;
    for (std::int64_t first = 0; first < view.measured; first += piece) {
        const torch::Tensor x =
            model_values(dataset.train.index_select(0, rows.slice(0, first, first + piece)))
                .reshape({-1, channels, plane ? 1 : dataset.kind.height * dataset.kind.width})
                .transpose(0, 1)
                .flatten(1);
        sum += x.sum(1, false, torch::kDouble);
        squares += x.square().sum(1, false, torch::kDouble);
        low = torch::minimum(low, x.amin(1));
        high = torch::maximum(high, x.amax(1));
    }
    const auto numbers = static_cast<double>(view.measured * dataset.kind.elements() / channels);
    const std::vector<std::string> axes = plane           ? dataset.coding.names()
                                          : channels == 1 ? std::vector<std::string>{"grey"}
                                                          : std::vector<std::string>{"red", "green", "blue"};
    for (std::int64_t c = 0; c < channels; ++c) {
        const auto which = static_cast<std::size_t>(c);
        const double mean = sum[c].item<double>() / numbers;
        const double variance = std::max(0.0, squares[c].item<double>() / numbers - mean * mean);
        const auto in_file = [&](double x) { return in_file_units(dataset.coding, plane, which, x); };
        view.values.push_back({which < axes.size() ? axes[which] : "channel " + std::to_string(c + 1),
                               in_file(mean), std::abs(in_file(std::sqrt(variance)) - in_file(0)),
                               in_file(low[c].item<double>()), in_file(high[c].item<double>())});
    }
}

} // namespace

void add_preview(DataView& view, const Dataset& dataset, std::uint64_t seed) {
    if (!dataset.train.defined() || dataset.train.size(0) == 0) return;
    measure_values(view, dataset);
    if (dataset.kind.plane) return;
    const std::int64_t most =
        std::clamp<std::int64_t>(most_picture_bytes / dataset.kind.elements(), 1, most_pictures);
    const torch::Tensor rows = torch::tensor(shown_rows(dataset, most, seed), torch::kInt64);
    view.pixels = to_pixels(model_values(dataset.train.index_select(0, rows)));
    if (!dataset.train_labels.defined()) return;
    const torch::Tensor labels = dataset.train_labels.index_select(0, rows);
    const auto* label = labels.const_data_ptr<std::int64_t>();
    view.labels.assign(label, label + labels.numel());
}

} // namespace ebm::lab
