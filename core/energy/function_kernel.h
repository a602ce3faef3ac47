#pragma once

#include "core/kernels/fused_kernel.h"

namespace ebm {

/// The fused twin of an energy without weights of its own: who derives says what `evaluate` computes, and
/// chains are moved on it as those of networks are.
class FunctionKernel : public FusedKernel {
public:
    FunctionKernel();

    void pack(std::span<const float* const>) final {}
    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
             std::uint8_t* accepted, const std::int64_t* labels) const final;
    /// There are no parameters: computes the energies.
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients,
                            const std::int64_t* labels) const final;
    std::string name() const final { return name_; }

protected:
    /// Of a sample.
    virtual int elements() const = 0;

private:
    std::string name_;
};

/// A function of the plane, (x, y) → Dual, see dual.h.
template <class Function>
class PlaneKernel final : public FunctionKernel {
public:
    explicit PlaneKernel(Function function) : function_(std::move(function)) {}

    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t*) const override {
        for (std::int64_t i = 0; i < n; ++i) {
            const auto [value, dx, dy] = function_(x[2 * i], x[2 * i + 1]);
            energies[i] = value;
            if (!gradients) continue;
            gradients[2 * i] = dx;
            gradients[2 * i + 1] = dy;
        }
    }

private:
    int elements() const override { return 2; }

    Function function_;
};

} // namespace ebm
