#include "core/cuda/chains.h"

#include "core/base/error.h"

#include <cmath>

namespace ebm::cuda {

RunArguments run_arguments(const kernels::StepSettings& settings, const random::Place& first, int steps) {
    if (settings.jump_share > 0 && !settings.box)
        throw Error("Jumps propose points of the box, and the box is off", "sampler",
                    "Turn the box on or set the share of jumps to 0.");
    RunArguments a{};
    a.settings = {static_cast<int>(settings.rule),
                  settings.drift,
                  settings.noise,
                  settings.spread > 1.0f ? std::log2(settings.spread) : 0.0f,
                  settings.gradient_clip,
                  settings.drift_limit,
                  settings.box,
                  settings.box_low,
                  settings.box_high,
                  settings.jump_share};
    a.seed_low = static_cast<unsigned>(first.seed);
    a.seed_high = static_cast<unsigned>(first.seed >> 32);
    a.group = first.group;
    a.chain = first.chain;
    a.step = first.step;
    a.steps = steps;
    return a;
}

void add(const Tally& tally, int elements, std::int64_t first_step, kernels::StepReport& report) {
    report.chain_steps += tally.chain_steps;
    report.elements += std::int64_t{tally.chain_steps} * elements;
    report.gradient_norm += tally.gradient_norm;
    const double largest = tally.gradient_norm_max;
    if (!(largest <= report.gradient_norm_max)) report.gradient_norm_max = largest;
    report.distance += tally.distance;
    report.clipped += tally.clipped;
    report.clamped += tally.clamped;
    report.proposals += tally.proposals;
    report.accepted += tally.accepted;
    report.jumps += tally.jumps;
    report.jumps_accepted += tally.jumps_accepted;
    if (tally.non_finite_step < 0) return;
    const std::int64_t step = first_step + tally.non_finite_step;
    if (report.non_finite_step < 0 || step < report.non_finite_step) report.non_finite_step = step;
}

} // namespace ebm::cuda
