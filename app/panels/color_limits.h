#pragma once

#include <span>
#include <vector>

namespace ebm::panels {

struct Limits {
    float low = 0, high = 1;
};

/// Quantiles `low_share` and `high_share` of the finite values; {0, 1} if there are none. Equal ends are
/// moved apart.
Limits robust_limits(std::span<const float> values, double low_share, double high_share);

/// Limits of a colour bar that do not flicker: a new target within `slack` of the shown range is ignored, a
/// farther one is approached by a share of the way per second.
class SteadyLimits {
public:
    /// `seconds` since the last call. `jump` takes the target at once (another scene, another field).
    Limits follow(Limits target, double seconds, bool jump);
    Limits shown() const { return shown_; }
    bool moving() const { return moving_; }

private:
    Limits shown_;
    bool known_ = false, moving_ = false;
    static constexpr float slack_ = 0.08f;
};

} // namespace ebm::panels
