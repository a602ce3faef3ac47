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
    // A step whose proposals were all refused moves nothing, but it is a step.
    const bool stepped = chains.positions != newest_ || chains.parts.step != step_;
    if (stepped) {
        newest_ = chains.positions;
        step_ = chains.parts.step;
        began_ = known ? followed_ : now; // somewhere since the last frame
    }
    followed_ = now;
    positions_ = newest_;
    moving_ = false;
    kicks_ = pulls_ = jumps_ = {};
    const lab::StepParts& parts = chains.parts;
    if (!slow || parts.start.size() != size || size == 0 || !known || steps_per_second > 30) return;
    // Two moves and a rest in which all arrows can be seen.
    const double phase = (now - began_) * steps_per_second;
    moving_ = phase < 1;
    const float first = smooth(phase / 0.35), second = smooth((phase - 0.4) / 0.35),
                settled = smooth((phase - 0.8) / 0.15);
    const float kicked = parts.noise_first ? first : second, pulled = parts.noise_first ? second : first;
    for (Arrows* arrows : {&kicks_, &pulls_, &jumps_}) {
        arrows->start = parts.start;
        arrows->vector.assign(size, 0.0f);
    }
    for (std::size_t i = 0; i < size; ++i) {
        const float start = parts.start[i];
        float there = start + kicked * parts.kick[i] + pulled * parts.pull[i];
        if (parts.jumped[i / 2]) {
            jumps_.vector[i] = first * (parts.proposal[i] - start);
            there = start + jumps_.vector[i];
        }
        // Walls of the box cut a move, and what was refused goes back: in the end a chain is where the engine
        // has it.
        positions_[i] = there + settled * (newest_[i] - there);
        kicks_.vector[i] = kicked * parts.kick[i];
        pulls_.vector[i] = pulled * parts.pull[i];
        (parts.noise_first ? pulls_ : kicks_).start[i] =
            start + (parts.noise_first ? parts.kick[i] : parts.pull[i]);
    }
}

} // namespace ebm::panels
