#pragma once

#include "core/base/random.h"
#include "core/kernels/step.h"

#include <cstdint>
#include <span>
#include <string>

namespace ebm {

/// The fused twin of a network: energies, gradients and whole chains on raw fp32 arrays, without LibTorch.
/// labels: [n], 0 … classes − 1, for networks with classes, which need them; others do not read them.
class FusedKernel {
public:
    virtual ~FusedKernel() = default;
    virtual void pack(std::span<const float* const> parameters) = 0;
    /// x: [n, …]; `gradients` may be null.
    virtual void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                          const std::int64_t* labels = nullptr) const = 0;
    /// x: [n, …], moved in place by `steps` steps of core/kernels/step.h. energies, gradient_norms, accepted:
    /// [n].
    virtual void run(float* x, std::int64_t n, const kernels::StepSettings& settings,
                     const random::Place& first, int steps, float* energies, float* gradient_norms,
                     kernels::StepReport& report, std::uint8_t* accepted,
                     const std::int64_t* labels = nullptr) const = 0;
    /// Energies [n] and Σ_i (coefficients[i] + energy_factor · E(x_i)) ∂E(x_i)/∂parameters, in the order of
    /// `pack`.
    virtual void parameter_gradient(const float* x, std::int64_t n, const float* coefficients,
                                    float energy_factor, float* energies, std::span<float* const> gradients,
                                    const std::int64_t* labels = nullptr) const = 0;
    virtual std::string name() const = 0;
};

} // namespace ebm
