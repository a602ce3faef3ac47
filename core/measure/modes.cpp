#include "core/measure/modes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ebm::measure {

/// `missed` and `distance` from the shares.
static void judge(ModeShares& result) {
    const double even = 1.0 / static_cast<double>(result.shares.size());
    result.distance = result.none / 2;
    for (const double share : result.shares) {
        result.missed += share < even / 10;
        result.distance += std::abs(share - even) / 2;
    }
}

ModeShares mode_shares(std::span<const float> points, int modes, const ModeOf& mode_of) {
    ModeShares result;
    result.count = static_cast<std::int64_t>(points.size() / 2);
    std::vector<std::int64_t> counts(static_cast<std::size_t>(modes));
    std::int64_t none = 0;
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
        const int mode = mode_of(points[i], points[i + 1]);
        ++(mode < 0 ? none : counts[static_cast<std::size_t>(mode)]);
    }
    const auto share = [n = static_cast<double>(result.count)](std::int64_t count) {
        return n > 0 ? static_cast<double>(count) / n : std::numeric_limits<double>::quiet_NaN();
    };
    for (const std::int64_t count : counts)
        result.shares.push_back(share(count));
    result.none = share(none);
    judge(result);
    return result;
}

ModeShares mode_shares(const std::vector<double>& masses) {
    ModeShares result;
    result.shares = masses;
    result.none = std::max(0.0, 1 - std::accumulate(masses.begin(), masses.end(), 0.0));
    judge(result);
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
