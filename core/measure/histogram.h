#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ebm::measure {

/// Mean and standard deviation (n − 1 in the denominator, as everywhere in this program) of the finite
/// values.
struct Moments {
    std::int64_t count = 0;      ///< all values
    std::int64_t not_finite = 0; ///< of them, left out of mean and sd
    double mean = 0;             ///< NaN without a finite value
    double sd = 0;               ///< NaN without two
};
Moments moments(std::span<const float> values);

/// The q-quantile, 0 ≤ q ≤ 1, of the finite values, linear between order statistics (NumPy's default, type 7
/// of Hyndman & Fan 1996). Not-a-number if there is no finite value.
double quantile(std::span<const float> values, double q);

/// Several quantiles for one sort.
std::vector<double> quantiles(std::span<const float> values, std::span<const double> shares);

/// One set in bins that it shares with others. The area of the densities is the share of the set inside the
/// range.
struct HistogramSet {
    std::vector<float> densities; ///< share of the set per bin, divided by the bin width
    std::int64_t count = 0;       ///< all values
    std::int64_t below = 0, above = 0, not_finite = 0;
};

struct Histogram {
    double low = 0, high = 1; ///< of the range that is divided into equal bins
    std::vector<HistogramSet> sets;

    double bin_width() const;
};

/// Histograms of several sets over one range: from the lowest to the highest of the sets' `tail` and 1 −
/// `tail` quantiles, plus a margin of one bin at both ends. So a few outliers do not flatten the picture;
/// they are counted in `below` and `above`. If all values are equal, the range is made around them.
Histogram shared_histogram(std::span<const std::span<const float>> sets, int bins, double tail = 0.002);

} // namespace ebm::measure
