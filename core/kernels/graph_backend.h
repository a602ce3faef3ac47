#pragma once

#include "core/base/random.h"
#include "core/kernels/graph_plan.h"
#include "core/kernels/step.h"

namespace ebm::kernels {

/// The functions of one instruction set for network graphs. Each handles one tile: `samples` ≤ tile rows of
/// x, [samples][elements], and their labels.
struct GraphBackend {
    GraphShape shape;

    /// Floats of scratch memory that each of the functions below needs.
    std::int64_t (*chain_scratch)(const GraphPlan& plan);
    std::int64_t (*weights_scratch)(const GraphPlan& plan);

    /// gradients may be null.
    void (*evaluate)(const GraphPlan& plan, const float* packed, const float* x, const std::int64_t* labels,
                     int samples, float* energies, float* gradients, float* scratch);
    void (*run)(const GraphPlan& plan, const float* packed, float* x, const std::int64_t* labels, int samples,
                const StepSettings& settings, const random::Place& first, int steps,
                const ChainOutputs& outputs, StepReport& report, float* scratch);
    /// Writes the energies and adds to `sums`, in the layout of `packed`, the gradients of
    /// Σ_i (coefficients[i] + energy_factor·E_i)·E_i, the bracket held fixed.
    void (*add_weight_gradients)(const GraphPlan& plan, const float* packed, const float* x,
                                 const std::int64_t* labels, int samples, const float* coefficients,
                                 float energy_factor, float* energies, float* sums, float* scratch);
};

/// The backend of the instruction set in use.
const GraphBackend& current_graph_backend();

} // namespace ebm::kernels
