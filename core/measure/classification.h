#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// How well a score tells data from something else. The positive class is in-distribution. What is compared
/// here is the score with its sign turned, as an energy is that of −E: low = more like the data, so that a
/// value below the threshold counts as "in".
namespace ebm::measure {

struct RocPoint {
    float false_positive_rate = 0; ///< share of the out-of-distribution set that passes as "in"
    float true_positive_rate = 0;  ///< share of the in-distribution set that passes as "in"
};

struct Detection {
    std::int64_t in_count = 0, out_count = 0;
    double auroc = 0; ///< P(E_in < E_out) + ½ P(E_in = E_out), exact for the given energies
    /// 95 % interval of the AUROC: DeLong, DeLong & Clarke-Pearson (1988), on the logistic scale. Where no
    /// pair is out of order, or all are, the bound of Clopper & Pearson for as many trials as the smaller set
    /// has. NaN if a set has a single sample.
    double auroc_low = 0, auroc_high = 0;
    double auroc_error = 0; ///< its standard error by DeLong; NaN likewise
    /// Area under precision over recall of "in" as a sum over thresholds (average precision): with equally
    /// many of both, chance is 0.5.
    double aupr = 0;
    double fpr_at_95_tpr = 0; ///< false-positive rate at the first threshold with true-positive rate ≥ 0.95
    std::vector<RocPoint> curve; ///< from (0, 0) to (1, 1), both included
};

/// The 95 % interval of an AUROC with its standard error, see Detection.
struct Interval {
    double low = 0, high = 1;
};
Interval auroc_interval(double auroc, double error, std::int64_t in_count, std::int64_t out_count);

/// Compares the energies of in-distribution samples with those of an out-of-distribution set. Ties count
/// half. Infinite energies are ordered like numbers. Throws Error if a set is empty or an energy is not a
/// number. The curve is thinned to at most `curve_points` ≥ 2 points, evenly along its length; every other
/// number is from the full curve.
Detection detection(std::span<const float> in_energies, std::span<const float> out_energies,
                    std::size_t curve_points = 200);

} // namespace ebm::measure
