#include "core/sample/leapfrog.h"
#include "core/sample/samplers/point_state.h"

#include <cmath>

/// Hamiltonian Monte Carlo [Duane et al. 1987; Neal 2011]: a fresh momentum p ~ N(0, I), L leapfrogs of
/// H = E/T + |p|²/2 with mirrors at the walls of the box, and an accept or reject by the error of H.
namespace ebm {
namespace {

constexpr float shortest =
    0.6f; ///< share of ε that a draw uses at least: trajectories of one length can return

void init_hmc(const Energy& energy, const Batch& start, const SamplerTuning& tuning, SamplerState& state,
              SamplerReport& report) {
    start_from(energy, start, tuning, state, report);
    state["momentum"] = torch::zeros_like(start.x);
}

void step_hmc(const Energy& energy, SamplerState& state, const SamplerTuning& tuning, random::Place place,
              SamplerReport& report) {
    const torch::NoGradGuard no_graph;
    const torch::Tensor labels = state.find("labels");
    const Target target{energy, labels};
    const torch::Tensor x = state["x"], before = state["energy"], gradient = state["gradient"];
    const std::int64_t count = x.size(0);
    place.stream = random::Stream::noise;
    const torch::Tensor momentum = normal_samples(count, x.sizes().slice(1).vec(), place);
    torch::Tensor uniform = torch::empty({count}, torch::kDouble), size = torch::empty({count});
    place.stream = random::Stream::choice;
    random::Place own = place;
    for (std::int64_t i = 0; i < count; ++i, ++own.chain) {
        const random::Words words = random::words(own, 0);
        uniform.data_ptr<double>()[i] = random::uniform(words[0]);
        size.data_ptr<float>()[i] =
            static_cast<float>(tuning.step) * (shortest + (1 - shortest) * random::uniform(words[1]));
    }
    const auto kinetic = [](const torch::Tensor& p) {
        return p.to(torch::kDouble).square().flatten(1).sum(1) / 2;
    };
    PhasePoint phase{x, momentum, gradient / tuning.temperature};
    torch::Tensor energy_there;
    leapfrog(phase, size, tuning.leapfrogs, tuning.box ? Walls{tuning.box_low, tuning.box_high} : Walls{},
             [&](const torch::Tensor& at) {
                 ValueAndGradient found = target(at);
                 energy_there = found.value;
                 return found.gradient / tuning.temperature;
             });
    const torch::Tensor error =
        (energy_there.to(torch::kDouble) - before.to(torch::kDouble)) / tuning.temperature +
        kinetic(phase.momentum) - kinetic(momentum);
    // False for what is not a number, and where the end is not finite.
    const torch::Tensor finite = energy_there.isfinite()
                                     .logical_and(phase.x.flatten(1).isfinite().all(1))
                                     .logical_and(phase.gradient.flatten(1).isfinite().all(1));
    const torch::Tensor accepted = uniform.lt((-error).clamp_max(0).exp()).logical_and(finite);
    Shape wide(static_cast<std::size_t>(x.dim()), 1);
    wide[0] = count;
    const torch::Tensor taken = accepted.view(wide);
    state["x"] = torch::where(taken, phase.x, x);
    state["energy"] = torch::where(accepted, energy_there, before);
    state["gradient"] = torch::where(taken, phase.gradient * tuning.temperature, gradient);
    state["momentum"] = phase.momentum;
    report.add(SamplerReport::gradients, count * tuning.leapfrogs);
    report.add(SamplerReport::proposals, count);
    report.add(SamplerReport::accepted, accepted.sum().item<std::int64_t>());
    report.add(SamplerReport::divergences,
               error.lt(1000).logical_and(finite).logical_not().sum().item<std::int64_t>());
}

} // namespace

SamplerRecord hmc_sampler() {
    SamplerRecord record;
    record.name = "hmc";
    record.title = "HMC";
    record.help =
        "Hamiltonian Monte Carlo: a random push, then L steps of frictionless motion, accepted or refused "
        "by the error in energy.";
    record.step_name = "\u03b5";
    record.wanted_acceptance = 0.8;
    record.cost = [](const SamplerTuning& tuning) -> std::int64_t { return tuning.leapfrogs; };
    record.init = init_hmc;
    record.step = step_hmc;
    return record;
}

} // namespace ebm
