#include "core/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/graph_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/kernels/graph_backend.h"
#include "core/kernels/graph_tile-inl.h"
#include "core/kernels/steps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {
namespace {

// The memory of the network comes first, then the arrays of the chains or samples.
std::int64_t chain_scratch(const GraphPlan& plan) {
    return plan.chain_floats + TileSteps<GraphTile>::scratch_floats(plan.elements);
}

std::int64_t weights_scratch(const GraphPlan& plan) {
    return plan.weights_floats + std::int64_t{plan.elements} * kTile;
}

void evaluate(const GraphPlan& plan, const float* packed, const float* x, const std::int64_t* labels,
              int samples, float* energies, float* gradients, float* scratch) {
    GraphTile tile(plan, packed, labels, samples, nullptr, scratch);
    evaluate_samples(tile, x, samples, energies, gradients, scratch + plan.chain_floats);
}

void run(const GraphPlan& plan, const float* packed, float* x, const std::int64_t* labels, int samples,
         const StepSettings& settings, const random::Place& first, int steps, const ChainOutputs& outputs,
         StepReport& report, float* scratch) {
    GraphTile tile(plan, packed, labels, samples, nullptr, scratch);
    run_chains(tile, x, samples, settings, first, steps, outputs, report, scratch + plan.chain_floats);
}

void add_weight_gradients(const GraphPlan& plan, const float* packed, const float* x,
                          const std::int64_t* labels, int samples, const float* coefficients,
                          float energy_factor, float* energies, float* sums, float* scratch) {
    GraphTile tile(plan, packed, labels, samples, sums, scratch);
    float* inputs = scratch + plan.weights_floats;
    to_lanes(tile, x, samples, inputs);
    PerChain energy;
    tile.add_weight_gradients(inputs, coefficients, energy_factor, energy.at);
    std::memcpy(energies, energy.at, sizeof(float) * static_cast<std::size_t>(samples));
}

} // namespace

const GraphBackend* graph_backend() {
    static const GraphBackend table{{kLanes, kTile}, chain_scratch, weights_scratch,
                                    evaluate,        run,           add_weight_gradients};
    return &table;
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ebm::kernels {

HWY_EXPORT(graph_backend);

const GraphBackend& current_graph_backend() {
    return *HWY_DYNAMIC_DISPATCH(graph_backend)();
}

} // namespace ebm::kernels
#endif
