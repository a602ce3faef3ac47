#include "core/sample/samplers/point_state.h"

/// Langevin chains without accept and reject, with the energy and the gradient where they are: the chains of
/// Rule::langevin, one gradient evaluation a draw.
namespace ebm {
namespace {

void step_langevin(const Energy& energy, SamplerState& state, const SamplerTuning& tuning,
                   random::Place place, SamplerReport& report) {
    const torch::NoGradGuard no_graph;
    const torch::Tensor x = state["x"];
    const std::int64_t count = x.size(0);
    const kernels::StepSettings move = move_of(tuning, kernels::Rule::langevin);
    place.stream = random::Stream::noise;
    const torch::Tensor noise = normal_samples(count, x.sizes().slice(1).vec(), place);
    torch::Tensor moved = x - move.drift * used_gradient(state["gradient"], move) + move.noise * noise;
    if (tuning.box) moved = moved.clamp(tuning.box_low, tuning.box_high);
    const torch::Tensor labels = state.find("labels");
    const Point here = evaluate_finite({energy, labels}, moved, place);
    keep(state, here);
    report.add(SamplerReport::gradients, count);
}

} // namespace

SamplerRecord langevin_sampler() {
    SamplerRecord record;
    record.name = "langevin";
    record.title = "Langevin";
    record.help =
        "A pull down the gradient and a kick of noise; nothing is refused, so the density is off by "
        "an amount that grows with the step.";
    record.step_name = "\u03bb";
    record.exact = false;
    record.wanted_acceptance = 0.9;
    record.tuned_as = "mala";
    record.cost = [](const SamplerTuning&) -> std::int64_t { return 1; };
    record.init = start_from;
    record.step = step_langevin;
    return record;
}

} // namespace ebm
