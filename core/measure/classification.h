#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// How well the energy tells data from something else. Everywhere the score is −E and the positive class is
/// in-distribution: an energy below the threshold counts as "in".
namespace ebm::measure {

struct RocPoint {
    float false_positive_rate = 0; ///< share of the out-of-distribution set that passes as "in"
    float true_positive_rate = 0;  ///< share of the in-distribution set that passes as "in"
};

struct Detection {
    std::int64_t in_count = 0, out_count = 0;
    double auroc = 0;         ///< P(E_in < E_out) + ½ P(E_in = E_out), exact for the given energies
    double fpr_at_95_tpr = 0; ///< false-positive rate at the first threshold with true-positive rate ≥ 0.95
    std::vector<RocPoint> curve; ///< from (0, 0) to (1, 1), both included
};

/// Compares the energies of in-distribution samples with those of an out-of-distribution set. Ties count
/// half. Infinite energies are ordered like numbers. Throws Error if a set is empty or an energy is not a
/// number. The curve is thinned to at most `curve_points` ≥ 2 points, evenly along its length; every other
/// number is from the full curve.
Detection detection(std::span<const float> in_energies, std::span<const float> out_energies,
                    std::size_t curve_points = 200);

} // namespace ebm::measure
