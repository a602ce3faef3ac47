#pragma once

#include "core/base/random.h"
#include "core/energy/energy.h"
#include "core/kernels/instruction_set.h"
#include "core/kernels/step.h"

#include <span>

namespace ebm {

/// The fused twin of a network: energies, gradients and whole chains on raw fp32 arrays, without LibTorch.
class FusedKernel {
public:
    virtual ~FusedKernel() = default;
    virtual void pack(std::span<const float* const> parameters) = 0;
    /// x: [n, …]; `gradients` may be null.
    virtual void evaluate(const float* x, std::int64_t n, float* energies, float* gradients) const = 0;
    /// x: [n, …], moved in place by `steps` steps of core/kernels/step.h. energies, gradient_norms, accepted:
    /// [n].
    virtual void run(float* x, std::int64_t n, const kernels::StepSettings& settings,
                     const random::Place& first, int steps, float* energies, float* gradient_norms,
                     kernels::StepReport& report, std::uint8_t* accepted) const = 0;
    /// Energies [n] and Σ_i (coefficients[i] + energy_factor · E(x_i)) ∂E(x_i)/∂parameters, in the order of
    /// `pack`.
    virtual void parameter_gradient(const float* x, std::int64_t n, const float* coefficients,
                                    float energy_factor, float* energies,
                                    std::span<float* const> gradients) const = 0;
    virtual std::string name() const = 0;
};

/// A network energy that is computed by a fused kernel wherever no graph is asked for, and by LibTorch where
/// one is.
class FusedEnergy : public Energy {
public:
    /// Energies through the graph that LibTorch differentiates. x: [N, sample_shape…].
    virtual torch::Tensor network_value(const torch::Tensor& x) const = 0;

    torch::Tensor value(const torch::Tensor& x) const final;
    ValueAndGradient value_and_gradient(const torch::Tensor& x) const final;
    void weights_changed() final;
    const FusedKernel* fused() const final { return kernel_.get(); }
    std::string kernel_name() const final { return kernel_->name(); }

protected:
    /// To be called at the end of the constructor.
    void set_kernel(std::unique_ptr<FusedKernel> kernel);

private:
    std::unique_ptr<FusedKernel> kernel_;
};

/// A FusedKernel from kernels::MlpKernel or kernels::ConvKernel.
template <class Kernel>
class FusedKernelOf final : public FusedKernel {
public:
    template <class Spec>
    explicit FusedKernelOf(const Spec& spec)
        : kernel_(spec), name_("fused " + kernels::instruction_set_name()) {}

    void pack(std::span<const float* const> parameters) override { kernel_.pack(parameters); }
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients) const override {
        if (gradients)
            kernel_.energy_and_gradient(x, n, energies, gradients, at::get_num_threads());
        else
            kernel_.energy(x, n, energies, at::get_num_threads());
    }
    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
             std::uint8_t* accepted) const override {
        kernel_.run(x, n, settings, first, steps, at::get_num_threads(), energies, gradient_norms, report,
                    accepted);
    }
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients) const override {
        kernel_.parameter_gradient(x, n, coefficients, energy_factor, energies, gradients,
                                   at::get_num_threads());
    }
    std::string name() const override { return name_; }

private:
    Kernel kernel_;
    std::string name_;
};

} // namespace ebm
