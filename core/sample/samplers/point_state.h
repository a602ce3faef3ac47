#pragma once

#include "core/sample/mala_move.h"
#include "core/sample/samplers.h"

/// The state of samplers that know energy and gradient where their chains are: "x", "energy", "gradient" and,
/// if the energy is asked for classes, "labels".
namespace ebm {

inline void keep(SamplerState& state, const Point& here) {
    state["x"] = here.x;
    state["energy"] = here.energy;
    state["gradient"] = here.gradient;
}

/// SamplerRecord::init of such a sampler.
inline void start_from(const Energy& energy, const Batch& start, const SamplerTuning&, SamplerState& state,
                       SamplerReport& report) {
    const torch::NoGradGuard no_graph;
    keep(state, evaluate_finite({energy, start.labels}, start.x, {}));
    if (start.labels.defined()) state["labels"] = start.labels;
    report.add(SamplerReport::gradients, start.size());
}

} // namespace ebm
