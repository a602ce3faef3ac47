#include "core/lab/data_values.h"

#include "core/lab/views.h"

#include <algorithm>
#include <cmath>

namespace ebm::lab {
namespace {

/// Numbers that are looked at for mean and range: a fraction of a second.
constexpr std::int64_t most_numbers = 16'000'000;

/// x as a file has it, of axis or channel `which`.
double in_file_units(const data::Coding& coding, bool plane, std::size_t which, double x) {
    return plane ? coding.to_file(which, x) : coding.low + (x + 1) / 2 * (coding.high - coding.low);
}

} // namespace

void measure_values(DataView& view, const Dataset& dataset) {
    if (!dataset.train.defined() || dataset.train.size(0) == 0) return;
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
        const torch::Tensor exact = x.to(torch::kDouble); // squares of near equal values cancel
        sum += exact.sum(1);
        squares += exact.square().sum(1);
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
        // Of a sample, n − 1, as everywhere where a standard deviation is shown.
        const double variance =
            numbers > 1 ? std::max(0.0, (squares[c].item<double>() - numbers * mean * mean) / (numbers - 1))
                        : 0;
        const auto in_file = [&](double x) { return in_file_units(dataset.coding, plane, which, x); };
        view.values.push_back({which < axes.size() ? axes[which] : "channel " + std::to_string(c + 1),
                               in_file(mean), std::abs(in_file(std::sqrt(variance)) - in_file(0)),
                               in_file(low[c].item<double>()), in_file(high[c].item<double>())});
    }
}

} // namespace ebm::lab
