#include "core/cuda/chains.h"

#include "core/kernels/step_report.h"

#include <cmath>

namespace ebm::cuda {

RunArguments run_arguments(const kernels::StepSettings& settings, const random::Place& first, int steps) {
    kernels::require_possible(settings);
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
                  settings.jump_share,
                  settings.temperature};
    a.seed_low = static_cast<unsigned>(first.seed);
    a.seed_high = static_cast<unsigned>(first.seed >> 32);
    a.group = first.group;
    a.chain = first.chain;
    a.step = first.step;
    a.steps = steps;
    return a;
}

DrawArguments draw_arguments(float* to, std::int64_t rows, int elements, const random::Place& first) {
    return {to,
            rows,
            elements,
            static_cast<unsigned>(first.seed),
            static_cast<unsigned>(first.seed >> 32),
            first.group,
            first.chain,
            first.step,
            static_cast<unsigned>(first.stream)};
}

void add(const Tally& tally, int elements, std::int64_t first_step, kernels::StepReport& report) {
    kernels::StepReport counted;
    counted.chain_steps = tally.chain_steps;
    counted.elements = std::int64_t{tally.chain_steps} * elements;
    counted.gradient_norm = tally.gradient_norm;
    counted.gradient_norm_max = tally.gradient_norm_max;
    counted.distance = tally.distance;
    counted.clipped = tally.clipped;
    counted.clamped = tally.clamped;
    counted.proposals = tally.proposals;
    counted.accepted = tally.accepted;
    counted.jumps = tally.jumps;
    counted.jumps_accepted = tally.jumps_accepted;
    if (tally.non_finite_step >= 0) counted.non_finite_step = first_step + tally.non_finite_step;
    kernels::add(report, counted);
}

} // namespace ebm::cuda
