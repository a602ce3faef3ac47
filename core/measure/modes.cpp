#include "core/measure/modes.h"

#include <cmath>
#include <limits>

namespace ebm::measure {

ModeShares mode_shares(std::span<const float> points, int modes, ModeOf mode_of) {
    ModeShares result;
    result.count = static_cast<std::int64_t>(points.size() / 2);
    std::vector<std::int64_t> counts(static_cast<std::size_t>(modes));
    std::int64_t none = 0;
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
        const int mode = mode_of(points[i], points[i + 1]);
        ++(mode < 0 ? none : counts[static_cast<std::size_t>(mode)]);
    }
    const auto n = static_cast<double>(result.count);
    const double true_share = 1.0 / modes;
    result.none = n > 0 ? static_cast<double>(none) / n : std::numeric_limits<double>::quiet_NaN();
    result.distance = result.none / 2;
    for (const std::int64_t count : counts) {
        const double share =
            n > 0 ? static_cast<double>(count) / n : std::numeric_limits<double>::quiet_NaN();
        result.shares.push_back(share);
        result.missed += share < true_share / 10;
        result.distance += std::abs(share - true_share) / 2;
    }
    return result;
}

std::int64_t ModeCrossings::add(std::span<const float> points) {
    if (last_.size() != points.size() / 2) last_.assign(points.size() / 2, -1);
    std::int64_t crossings = 0;
    for (std::size_t i = 0; i < last_.size(); ++i) {
        const int mode = mode_of_(points[2 * i], points[2 * i + 1]);
        if (mode < 0) continue;
        crossings += last_[i] >= 0 && last_[i] != mode;
        last_[i] = mode;
    }
    total_ += crossings;
    return crossings;
}

} // namespace ebm::measure
