#include "core/sample/samplers/point_state.h"

/// The Metropolis-adjusted Langevin algorithm of Rule::mala, one gradient evaluation a draw.
namespace ebm {
namespace {

void step_mala(const Energy& energy, SamplerState& state, const SamplerTuning& tuning, random::Place place,
               SamplerReport& report) {
    const torch::NoGradGuard no_graph;
    place.stream = random::Stream::noise;
    const torch::Tensor labels = state.find("labels");
    const Point here{state["x"], state["energy"], state["gradient"], {}};
    const std::int64_t count = here.x.size(0);
    kernels::StepReport counted;
    const Point there =
        mala_move({energy, labels}, here, move_of(tuning, kernels::Rule::mala),
                  torch::full({count}, tuning.temperature, torch::kFloat), place, counted, nullptr);
    require_finite(there, place);
    keep(state, there);
    report.add(SamplerReport::gradients, count);
    report.add(SamplerReport::proposals, counted.proposals);
    report.add(SamplerReport::accepted, counted.accepted);
}

} // namespace

SamplerRecord mala_sampler() {
    SamplerRecord record;
    record.name = "mala";
    record.title = "MALA";
    record.help = "A Langevin move as a proposal, accepted or refused so that the density is exact.";
    record.step_name = "\u03bb";
    record.wanted_acceptance = 0.574; // Roberts & Rosenthal 1998
    record.cost = [](const SamplerTuning&) -> std::int64_t { return 1; };
    record.init = start_from;
    record.step = step_mala;
    return record;
}

} // namespace ebm
