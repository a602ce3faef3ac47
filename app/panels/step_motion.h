#pragma once

#include "core/lab/snapshot.h"

#include <vector>

namespace ebm::panels {

/// Slow motion: the newest step of every chain drawn as the moves it was made of, in the order in which they
/// were computed: pull of the gradient, then kick of the noise, or the kick first as published. A jump is one
/// move. What was refused is shown and taken back.
class StepMotion {
public:
    /// `now` in seconds. A new step begins when the positions change; of frames that are as rare as steps
    /// each shows its step whole.
    void follow(const lab::ChainsView& chains, bool slow, double steps_per_second, double now);

    /// Starts and vectors, [count][2] each.
    struct Arrows {
        std::vector<float> start, vector;
    };
    /// [count][2], where the chains are drawn.
    const std::vector<float>& positions() const { return positions_; }
    /// Of the step under way; empty unless in slow motion.
    const Arrows& kicks() const { return kicks_; }
    const Arrows& pulls() const { return pulls_; }
    const Arrows& jumps() const { return jumps_; }
    bool moving() const { return moving_; }

private:
    std::vector<float> newest_, positions_;
    Arrows kicks_, pulls_, jumps_;
    std::int64_t step_ = -1;
    double began_ = 0, followed_ = 0; ///< when the step began, and the last call; seconds
    bool moving_ = false;
};

} // namespace ebm::panels
