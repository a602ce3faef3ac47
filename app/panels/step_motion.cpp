#include "app/panels/step_motion.h"

#include <algorithm>

namespace ebm::panels {
namespace {

float smooth(double phase) {
    const double t = std::clamp(phase, 0.0, 1.0);
    return static_cast<float>(t * t * (3 - 2 * t));
}

} // namespace

void StepMotion::follow(const lab::ChainsView& chains, bool slow, double steps_per_second, double now) {
    const std::size_t size = chains.positions.size();
    const bool known = newest_.size() == size;
    if (chains.positions != newest_) {
        newest_ = chains.positions;
        began_ = now;
    }
    positions_ = newest_;
    moving_ = false;
    const bool has_parts = chains.kick.size() == size && chains.drift.size() == size && size > 0;
    if (!slow || !has_parts || !known || steps_per_second > 30) {
        kick_start_.clear();
        kick_.clear();
        drift_start_.clear();
        drift_.clear();
        return;
    }
    // Kick, pull and a rest in which both arrows can be seen.
    const double phase = (now - began_) * steps_per_second;
    moving_ = phase < 1;
    const float kicked = smooth(phase / 0.35), pulled = smooth((phase - 0.4) / 0.35),
                back = smooth((phase - 0.8) / 0.15);
    kick_start_.resize(size);
    drift_start_.resize(size);
    kick_.resize(size);
    drift_.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
        const bool accepted = chains.accepted.size() <= i / 2 || chains.accepted[i / 2] != 0;
        // A clamped or jumped chain did not start where the parts say; the newest position is always right.
        const float start = accepted ? newest_[i] - chains.kick[i] - chains.drift[i] : newest_[i];
        const float there = start + kicked * chains.kick[i] + pulled * chains.drift[i];
        positions_[i] = accepted ? there : there + back * (start - there);
        kick_start_[i] = start;
        kick_[i] = kicked * chains.kick[i];
        drift_start_[i] = start + chains.kick[i];
        drift_[i] = pulled * chains.drift[i];
    }
}

} // namespace ebm::panels
