#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

/// Whether samples find all the modes of a data set, each as often as it should be.
namespace ebm::measure {

using ModeOf = std::function<int(double x, double y)>; ///< 0 … modes − 1, or −1 for none

struct ModeShares {
    std::vector<double> shares; ///< [modes] of all samples; of the data, each mode has 1 / modes
    double none = 0;            ///< of samples that belong to no mode
    int missed = 0;             ///< modes with less than a tenth of the data's share
    double distance =
        0; ///< total variation ½ (Σ |share − 1 / modes| + none): 0 = as the data, 1 = nothing in common
    std::int64_t count = 0; ///< of samples; 0 if the shares are of a density
};

/// points: [n][2], n ≥ 1. All shares are NaN without points.
ModeShares mode_shares(std::span<const float> points, int modes, const ModeOf& mode_of);

/// Of a density whose masses in the modes are known: [modes], together at most 1.
ModeShares mode_shares(const std::vector<double>& masses);

/// Counts how often chains go from one mode to another. A chain between modes still belongs to the one it
/// left.
class ModeCrossings {
public:
    explicit ModeCrossings(ModeOf mode_of) : mode_of_(std::move(mode_of)) {}

    /// points: [chains][2] after a step; another number of chains begins anew. Returns the crossings of this
    /// step.
    std::int64_t add(std::span<const float> points);
    std::int64_t total() const { return total_; }

private:
    ModeOf mode_of_;
    std::vector<int> last_; ///< the newest mode of each chain, −1 before the first
    std::int64_t total_ = 0;
};

} // namespace ebm::measure
