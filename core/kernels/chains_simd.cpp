#include "core/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/chains_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "core/kernels/chains.h"
#include "core/kernels/steps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {
namespace {

/// A function of samples in the place of the network that TileSteps moves. rows: space for 2 × elements ×
/// kTile floats.
class FunctionNetwork {
public:
    FunctionNetwork(const EvaluateSamples& energy, int elements, int samples, const std::int64_t* labels,
                    float* rows)
        : energy_(energy), elements_(elements), samples_(samples), labels_(labels), x_(rows),
          gradients_(rows + std::int64_t{elements} * kTile) {}

    int elements() const { return elements_; }
    int position(int element) const { return element; }
    void evaluate(const float* inputs, float* energies, float* gradients) {
        from_lanes(*this, inputs, samples_, x_);
        std::fill_n(energies, kTile, 0.0f);
        energy_(x_, samples_, labels_, energies, gradients ? gradients_ : nullptr);
        if (gradients) to_lanes(*this, gradients_, samples_, gradients);
    }

private:
    const EvaluateSamples& energy_;
    int elements_, samples_;
    const std::int64_t* labels_;
    float *x_, *gradients_;
};

std::int64_t scratch_floats(int elements) {
    return TileSteps<FunctionNetwork>::scratch_floats(elements) + std::int64_t{2} * elements * kTile;
}

void run(const EvaluateSamples& energy, int elements, float* x, const std::int64_t* labels, int samples,
         const StepSettings& settings, const random::Place& first, int steps, const ChainOutputs& outputs,
         StepReport& report, float* scratch) {
    const std::int64_t steps_floats = TileSteps<FunctionNetwork>::scratch_floats(elements);
    FunctionNetwork network(energy, elements, samples, labels, scratch + steps_floats);
    run_chains(network, x, samples, settings, first, steps, outputs, report, scratch);
}

} // namespace

const ChainBackend* chain_backend() {
    static const ChainBackend table{kTile, scratch_floats, run};
    return &table;
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ebm::kernels {

HWY_EXPORT(chain_backend);

const ChainBackend& current_chain_backend() {
    return *HWY_DYNAMIC_DISPATCH(chain_backend)();
}

} // namespace ebm::kernels
#endif
