#include "core/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/network_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "core/kernels/plan.h"
#include "core/kernels/steps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {
namespace {

std::int64_t scratch_floats(const Plan& plan, bool run) {
    if (run) return TileSteps::scratch_floats(plan);
    return (plan.scratch_rows + std::int64_t{2} * plan.elements()) * kTile;
}

/// [samples][elements] → [position][kTile]; lanes without a sample are zero.
void to_lanes(const Plan& plan, const float* x, int samples, float* rows) {
    const int elements = plan.elements();
    for (int e = 0; e < elements; ++e) {
        float* row = rows + plan.position[e] * kTile;
        for (int i = 0; i < samples; ++i)
            row[i] = x[static_cast<std::int64_t>(i) * elements + e];
        for (int i = samples; i < kTile; ++i)
            row[i] = 0.0f;
    }
}

void from_lanes(const Plan& plan, const float* rows, int samples, float* x) {
    const int elements = plan.elements();
    for (int i = 0; i < samples; ++i) {
        float* sample = x + static_cast<std::int64_t>(i) * elements;
        for (int e = 0; e < elements; ++e)
            sample[e] = rows[plan.position[e] * kTile + i];
    }
}

void evaluate(const Plan& plan, const float* packed, const float* x, int samples, float* energies,
              float* gradients, float* scratch) {
    float* inputs = scratch + plan.scratch_rows * kTile;
    float* outputs = gradients ? inputs + static_cast<std::int64_t>(plan.elements()) * kTile : nullptr;
    to_lanes(plan, x, samples, inputs);
    PerChain energy;
    evaluate_tile(plan, packed, inputs, scratch, energy.at, outputs);
    std::memcpy(energies, energy.at, sizeof(float) * samples);
    if (gradients) from_lanes(plan, outputs, samples, gradients);
}

void run(const Plan& plan, const float* packed, float* x, int samples, const StepSettings& settings,
         const random::Place& first, int steps, const ChainOutputs& outputs, StepReport& report,
         float* scratch) {
    TileSteps tile(plan, packed, settings, first, scratch);
    to_lanes(plan, x, samples, tile.state);
    tile.run(steps, samples, report);
    from_lanes(plan, tile.state, samples, x);
    for (int i = 0; i < samples; ++i) {
        if (outputs.energies) outputs.energies[i] = tile.energy.at[i];
        if (outputs.gradient_norms) outputs.gradient_norms[i] = tile.gradient_norm(i);
        if (outputs.accepted) outputs.accepted[i] = tile.accepted.at[i] > 0;
    }
}

} // namespace

const Backend* backend() {
    static const Backend table{kTile, kLargestBlock, scratch_floats, evaluate, run};
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
