#include "app/panels/color_limits.h"

#include <algorithm>
#include <cmath>

namespace ebm::panels {

Limits robust_limits(std::span<const float> values, double low_share, double high_share) {
    std::vector<float> finite;
    finite.reserve(values.size());
    for (const float v : values)
        if (std::isfinite(v)) finite.push_back(v);
    if (finite.empty()) return {};
    const auto quantile = [&](double share) {
        const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(finite.size() - 1) + 0.5);
        std::nth_element(finite.begin(), finite.begin() + at, finite.end());
        return finite[static_cast<std::size_t>(at)];
    };
    Limits limits{quantile(low_share), quantile(high_share)};
    const float least = 1e-6f * std::max(1.0f, std::fabs(limits.low));
    if (limits.high - limits.low < least) limits = {limits.low - 0.5f, limits.low + 0.5f};
    return limits;
}

Limits SteadyLimits::follow(Limits target, double seconds, bool jump) {
    if (!known_ || jump) {
        known_ = true;
        moving_ = false;
        return shown_ = target;
    }
    const float range = shown_.high - shown_.low;
    const float distance = std::max(std::fabs(target.low - shown_.low), std::fabs(target.high - shown_.high));
    if (distance > slack_ * range) moving_ = true;
    if (distance < 0.005f * range) moving_ = false;
    if (moving_) {
        const float share = 1 - static_cast<float>(std::exp(-4 * seconds));
        shown_.low += share * (target.low - shown_.low);
        shown_.high += share * (target.high - shown_.high);
    }
    return shown_;
}

} // namespace ebm::panels
