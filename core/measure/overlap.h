#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>

namespace ebm::measure {

/// How far the energies of training data and of held-out data are alike: a model that has learned its data by
/// heart gives lower energies to those that it has seen.
struct Overlap {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    std::int64_t training = 0, held_out = 0; ///< samples
    std::int64_t not_finite = 0;             ///< of both; they count as one value above all others
    /// Area under both histograms, each of area 1, in `overlap_bins` bins that hold equal shares of both sets
    /// together: 0 = apart, 1 = the same.
    double share = unknown;
    /// The middle 95 % of the share if the samples of both are dealt out at random to sets of these sizes.
    double alike_low = unknown, alike_high = unknown;
    /// P(energy of a training sample < energy of a held-out one), ties count half, with its 95 % interval
    /// (DeLong): 0.5 = alike, 1 = every training sample is likelier.
    double auroc = unknown, auroc_low = unknown, auroc_high = unknown;
};

inline constexpr int overlap_bins = 20, overlap_deals = 200;

/// Energies, low where samples are likely. `seed` is the key of the dealing. Throws Error if one is empty.
Overlap overlap(std::span<const float> training, std::span<const float> held_out, std::uint64_t seed);

/// Whether the numbers speak of learning by heart: a clause without a full stop; empty if the AUROC has no
/// interval.
std::string verdict(const Overlap& overlap);
/// A sentence or two: what the numbers are and whether they speak of learning by heart.
std::string in_words(const Overlap& overlap);

} // namespace ebm::measure
