#pragma once

#include "core/kernels/packing.h"

namespace ebm::kernels {

/// A packed network and the instruction set it runs on: the tiles of a batch, spread over threads. What
/// ConvKernel and MlpKernel have in common; their headers state the contracts.
class Network {
public:
    explicit Network(Plan plan);

    const Plan& plan() const { return plan_; }
    void pack(std::span<const float* const> parameters, int threads);
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients, int threads) const;
    void run(float* x, std::int64_t n, const StepSettings& settings, const random::Place& first, int steps,
             int threads, const ChainOutputs& outputs, StepReport& report) const;
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients, int threads) const;

private:
    Plan plan_;
    const Backend* backend_;
    Packing packing_;
    GradientSums sums_;
    AlignedFloats packed_;
};

} // namespace ebm::kernels
