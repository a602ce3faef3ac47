#pragma once

#include "core/kernels/step.h"

namespace ebm::kernels {

/// Throws Error if no step can be made so: jumps without a box, or a temperature that is not above 0.
void require_possible(const StepSettings& settings);

/// Adds what some chains and steps reported to a sum. A gradient norm that is not a number stays in sight.
inline void add(StepReport& sum, const StepReport& report) {
    sum.chain_steps += report.chain_steps;
    sum.elements += report.elements;
    sum.gradient_norm += report.gradient_norm;
    if (!(report.gradient_norm_max <= sum.gradient_norm_max))
        sum.gradient_norm_max = report.gradient_norm_max;
    sum.distance += report.distance;
    sum.clipped += report.clipped;
    sum.clamped += report.clamped;
    sum.proposals += report.proposals;
    sum.accepted += report.accepted;
    sum.jumps += report.jumps;
    sum.jumps_accepted += report.jumps_accepted;
    if (report.non_finite_step >= 0 &&
        (sum.non_finite_step < 0 || report.non_finite_step < sum.non_finite_step))
        sum.non_finite_step = report.non_finite_step;
}

} // namespace ebm::kernels
