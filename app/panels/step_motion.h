#pragma once

#include "core/lab/snapshot.h"

#include <vector>

namespace ebm::panels {

/// Slow motion: the newest step of every chain, drawn as two moves, first the noise kick, then the pull of
/// the gradient. A rejected proposal is shown and taken back.
class StepMotion {
public:
    /// `now` in seconds. A new step begins when the positions change.
    void follow(const lab::ChainsView& chains, bool slow, double steps_per_second, double now);

    /// [count][2], where the chains are drawn.
    const std::vector<float>& positions() const { return positions_; }
    /// Arrows of the step under way, [count][2] each; empty unless in slow motion.
    const std::vector<float>& kick_start() const { return kick_start_; }
    const std::vector<float>& kick() const { return kick_; }
    const std::vector<float>& drift_start() const { return drift_start_; }
    const std::vector<float>& drift() const { return drift_; }
    bool moving() const { return moving_; }

private:
    std::vector<float> newest_, positions_, kick_start_, kick_, drift_start_, drift_;
    double began_ = 0;
    bool moving_ = false;
};

} // namespace ebm::panels
