#include "core/base/error.h"
#include "core/sample/mala_move.h"
#include "core/sample/samplers.h"

#include <cmath>

/// Parallel tempering [Geyer 1991; Swendsen & Wang 1986]: replicas of every chain at a geometric ladder of
/// temperatures, each moved by MALA, then neighbours (0, 1), (2, 3) … in even steps and (1, 2), (3, 4) … in
/// odd ones exchange their states with probability min(1, exp((1/Tᵢ − 1/Tⱼ)(Eᵢ − Eⱼ))). Only the coldest
/// replica, at the temperature asked for, is reported.
namespace ebm {
namespace {

double temperature_of(const SamplerTuning& tuning, int replica) {
    return tuning.temperature *
           std::pow(tuning.hottest, static_cast<double>(replica) / (tuning.replicas - 1));
}

/// The state of replica r is rows [r N, (r + 1) N) of the tensors "replicas …".
void report_coldest(SamplerState& state, std::int64_t count) {
    state["x"] = state["replicas x"].slice(0, 0, count);
    state["energy"] = state["replicas energy"].slice(0, 0, count);
}

void init_tempering(const Energy& energy, const Batch& start, const SamplerTuning& tuning,
                    SamplerState& state, SamplerReport& report) {
    if (tuning.replicas < 2 || !(tuning.hottest > 1))
        throw Error("Tempering needs two replicas and a hottest temperature above the coldest",
                    "sampler tempering", "Give more replicas or a larger ratio of temperatures.");
    const torch::NoGradGuard no_graph;
    Shape times(static_cast<std::size_t>(start.x.dim()), 1);
    times[0] = tuning.replicas;
    const torch::Tensor labels =
        start.labels.defined() ? start.labels.repeat({tuning.replicas}) : torch::Tensor();
    const Point here = evaluate_finite({energy, labels}, start.x.repeat(times), {});
    state["replicas x"] = here.x;
    state["replicas energy"] = here.energy;
    state["replicas gradient"] = here.gradient;
    if (labels.defined()) state["replicas labels"] = labels;
    if (start.labels.defined()) state["labels"] = start.labels;
    report_coldest(state, start.size());
    report.add(SamplerReport::gradients, here.x.size(0));
}

void swap(SamplerState& state, const SamplerTuning& tuning, random::Place place, std::int64_t count,
          SamplerReport& report) {
    place.stream = random::Stream::swap;
    for (int low = static_cast<int>(place.step % 2); low + 1 < tuning.replicas; low += 2) {
        const std::int64_t first = low * count, second = first + count;
        const auto part = [&](const char* name, std::int64_t from) {
            return state[name].slice(0, from, from + count);
        };
        torch::Tensor uniform = torch::empty({count}, torch::kDouble);
        random::Place own = place;
        own.chain += static_cast<std::uint32_t>(first);
        for (std::int64_t i = 0; i < count; ++i, ++own.chain)
            uniform.data_ptr<double>()[i] = random::uniform(random::words(own, 0)[0]);
        const double difference = 1 / temperature_of(tuning, low) - 1 / temperature_of(tuning, low + 1);
        const torch::Tensor log_ratio =
            difference *
            (part("replicas energy", first) - part("replicas energy", second)).to(torch::kDouble);
        const torch::Tensor swapped = uniform.lt(log_ratio.clamp_max(0).exp());
        for (const char* name : {"replicas x", "replicas energy", "replicas gradient"}) {
            torch::Tensor cold = part(name, first), hot = part(name, second);
            Shape wide(static_cast<std::size_t>(cold.dim()), 1);
            wide[0] = count;
            const torch::Tensor choice = swapped.view(wide);
            const torch::Tensor new_cold = torch::where(choice, hot, cold),
                                new_hot = torch::where(choice, cold, hot);
            cold.copy_(new_cold);
            hot.copy_(new_hot);
        }
        report.add(SamplerReport::swaps, count);
        report.add(SamplerReport::swaps_accepted, swapped.sum().item<std::int64_t>());
    }
}

void step_tempering(const Energy& energy, SamplerState& state, const SamplerTuning& tuning,
                    random::Place place, SamplerReport& report) {
    const torch::NoGradGuard no_graph;
    place.stream = random::Stream::noise;
    const torch::Tensor labels = state.find("replicas labels");
    const Point here{state["replicas x"], state["replicas energy"], state["replicas gradient"], {}};
    const std::int64_t rows = here.x.size(0), count = rows / tuning.replicas;
    torch::Tensor temperature = torch::empty({rows});
    for (int replica = 0; replica < tuning.replicas; ++replica)
        temperature.slice(0, replica * count, (replica + 1) * count).fill_(temperature_of(tuning, replica));
    kernels::StepReport counted;
    const Point there = mala_move({energy, labels}, here, move_of(tuning, kernels::Rule::mala), temperature,
                                  place, counted, nullptr);
    require_finite(there, place);
    state["replicas x"] = there.x;
    state["replicas energy"] = there.energy;
    state["replicas gradient"] = there.gradient;
    swap(state, tuning, place, count, report);
    report_coldest(state, count);
    report.add(SamplerReport::gradients, rows);
    // The coldest alone: its acceptance is the one that the step is tuned by.
    report.add(SamplerReport::proposals, count);
    report.add(SamplerReport::accepted, there.accepted.slice(0, 0, count).sum().item<std::int64_t>());
}

} // namespace

SamplerRecord tempering_sampler() {
    SamplerRecord record;
    record.name = "tempering";
    record.title = "Tempering";
    record.help =
        "Parallel tempering: replicas at a ladder of temperatures, moved by MALA; neighbours exchange "
        "states, so that what the hot ones find reaches the cold one.";
    record.step_name = "\u03bb";
    record.wanted_acceptance = 0.574;
    record.cost = [](const SamplerTuning& tuning) -> std::int64_t { return tuning.replicas; };
    record.init = init_tempering;
    record.step = step_tempering;
    return record;
}

} // namespace ebm
