#include "core/measure/histogram.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::measure {

Moments moments(std::span<const float> values) {
    Moments result;
    result.count = static_cast<std::int64_t>(values.size());
    double sum = 0;
    for (const float value : values)
        if (std::isfinite(value))
            sum += value;
        else
            ++result.not_finite;
    const auto n = static_cast<double>(result.count - result.not_finite);
    result.mean = n > 0 ? sum / n : std::numeric_limits<double>::quiet_NaN();
    double squares = 0;
    for (const float value : values)
        if (std::isfinite(value)) squares += (value - result.mean) * (value - result.mean);
    result.sd = n > 1 ? std::sqrt(squares / (n - 1)) : std::numeric_limits<double>::quiet_NaN();
    return result;
}

double quantile(std::span<const float> values, double q) {
    return quantiles(values, std::span(&q, 1))[0];
}

std::vector<double> quantiles(std::span<const float> values, std::span<const double> shares) {
    std::vector<float> finite;
    finite.reserve(values.size());
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
                 [](float v) { return std::isfinite(v); });
    std::sort(finite.begin(), finite.end());
    std::vector<double> result;
    for (const double share : shares) {
        if (!(share >= 0 && share <= 1))
            throw Error("A quantile is not between 0 and 1", std::to_string(share),
                        "Give a share from 0 to 1.");
        if (finite.empty()) {
            result.push_back(std::numeric_limits<double>::quiet_NaN());
            continue;
        }
        const double position = share * static_cast<double>(finite.size() - 1);
        const auto lower = static_cast<std::size_t>(position);
        const std::size_t upper = std::min(lower + 1, finite.size() - 1);
        const double part = position - static_cast<double>(lower);
        result.push_back(finite[lower] + part * (double(finite[upper]) - finite[lower]));
    }
    return result;
}

double Histogram::bin_width() const {
    return sets.empty() ? 0 : (high - low) / static_cast<double>(sets.front().densities.size());
}

Histogram shared_histogram(std::span<const std::span<const float>> sets, int bins, double tail) {
    if (bins < 3 || bins > 1'000'000 || !(tail >= 0 && tail < 0.5))
        throw Error("The bins of a histogram are not valid", std::to_string(bins),
                    "Give 3 to 1,000,000 bins.");
    Histogram histogram;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const double shares[] = {tail, 1 - tail};
    for (const std::span<const float> set : sets) {
        const std::vector<double> ends = quantiles(set, shares);
        if (std::isnan(ends[0])) continue;
        low = std::min(low, ends[0]);
        high = std::max(high, ends[1]);
    }
    if (!(low <= high)) low = 0, high = 1; // no finite value at all
    // A range too narrow for single precision is widened around its middle.
    const double narrowest = 1e-4 * std::max({std::abs(low), std::abs(high), 1e-4});
    const double middle = low + (high - low) / 2, half = std::max((high - low) / 2, narrowest / 2);
    const double margin = 2 * half / (bins - 2);
    histogram.low = middle - half - margin;
    histogram.high = middle + half + margin;

    const double width = (histogram.high - histogram.low) / bins;
    for (const std::span<const float> set : sets) {
        HistogramSet& entry = histogram.sets.emplace_back();
        entry.count = static_cast<std::int64_t>(set.size());
        entry.densities.resize(static_cast<std::size_t>(bins));
        std::vector<std::int64_t> counts(static_cast<std::size_t>(bins));
        for (const float value : set) {
            if (!std::isfinite(value))
                ++entry.not_finite;
            else if (value < histogram.low)
                ++entry.below;
            else if (value > histogram.high)
                ++entry.above;
            else
                ++counts[std::min(static_cast<std::size_t>((value - histogram.low) / width),
                                  counts.size() - 1)];
        }
        for (std::size_t bin = 0; bin < counts.size(); ++bin)
            entry.densities[bin] = set.empty()
                                       ? 0
                                       : static_cast<float>(static_cast<double>(counts[bin]) /
                                                            (static_cast<double>(set.size()) * width));
    }
    return histogram;
}

} // namespace ebm::measure
