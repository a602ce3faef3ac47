#include "core/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/network_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "core/kernels/packing.h"
#include "core/kernels/plan.h"
#include "core/kernels/steps-inl.h"
#include "core/kernels/weights-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {
namespace {

/// Behind the rows of the network lie the arrays of the chains or of the parameter gradients.
std::int64_t scratch_floats(const Plan& plan) {
    const std::int64_t chains = TileSteps<LaneNetwork>::scratch_floats(plan.elements());
    const std::int64_t weights = std::int64_t{plan.elements()} * kTile + TurnSpace(plan).floats();
    return plan.scratch_rows * kTile + (chains > weights ? chains : weights);
}

void evaluate(const Plan& plan, const float* packed, const float* x, int samples, float* energies,
              float* gradients, float* scratch) {
    LaneNetwork network{plan, packed, scratch};
    evaluate_samples(network, x, samples, energies, gradients, scratch + plan.scratch_rows * kTile);
}

void run(const Plan& plan, const float* packed, float* x, int samples, const StepSettings& settings,
         const random::Place& first, int steps, const ChainOutputs& outputs, StepReport& report,
         float* scratch) {
    LaneNetwork network{plan, packed, scratch};
    run_chains(network, x, samples, settings, first, steps, outputs, report,
               scratch + plan.scratch_rows * kTile);
}

void add_gradients(const Plan& plan, const GradientSums& layout, const float* packed, const float* x,
                   int samples, const float* coefficients, float energy_factor, float* energies, float* sums,
                   float* scratch) {
    float* inputs = scratch + plan.scratch_rows * kTile;
    float* space = inputs + std::int64_t{plan.elements()} * kTile;
    to_lanes(LaneNetwork{plan, packed, scratch}, x, samples, inputs);
    PerChain energy, coefficient;
    forward_tile(plan, packed, inputs, scratch, true, energy.at);
    for (int i = 0; i < kTile; ++i) {
        coefficient.at[i] = i < samples ? coefficients[i] + energy_factor * energy.at[i] : 0.0f;
    }
    const Layer& top = plan.layers.back();
    float* derivatives = scratch + top.derivatives * kTile;
    for (int row = 0; row < top.out_rows(); ++row) {
        for (int v = 0; v < kVectors; ++v) {
            float* at = derivatives + row * kTile + v * kLanes;
            hn::Store(hn::Mul(coefficient.load(v), hn::Load(kFloat, at)), kFloat, at);
        }
    }
    backward_tile(plan, packed, scratch);
    const float* first_input = plan.input_scale == 1.0f ? inputs : scratch + plan.scaled_input * kTile;
    add_parameter_gradients(plan, layout, first_input, coefficient.at, samples, scratch, space, sums);
    std::memcpy(energies, energy.at, sizeof(float) * samples);
}

} // namespace

const Backend* backend() {
    static const Backend table{kTile,    kLargestBlock, kWeightLanes, scratch_floats,
                               evaluate, run,           add_gradients};
    return &table;
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ebm::kernels {

HWY_EXPORT(backend);

const Backend& current_backend() {
    return *HWY_DYNAMIC_DISPATCH(backend)();
}

} // namespace ebm::kernels
#endif
