#pragma once

#include "core/kernels/plan.h"

namespace ebm::kernels {

/// A packed network and the instruction set it runs on: the tiles of a batch, spread over threads. What
/// ConvKernel and MlpKernel have in common; their headers state the contracts.
class Network {
public:
    explicit Network(Plan plan);

    const Plan& plan() const { return plan_; }
    void pack(std::span<const float* const> parameters);
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients, int threads) const;
    void run(float* x, std::int64_t n, const StepSettings& settings, const random::Place& first, int steps,
             int threads, const ChainOutputs& outputs, StepReport& report) const;

private:
    Plan plan_;
    const Backend* backend_;
    AlignedFloats packed_;
};

} // namespace ebm::kernels
