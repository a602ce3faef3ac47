#pragma once

#include "core/cuda/library.h"
#include "core/energy/energy.h"
#include "core/kernels/fused_kernel.h"
#include "core/kernels/instruction_set.h"

namespace ebm {

/// A network energy that is computed by a fused kernel wherever no graph is asked for, and by LibTorch where
/// one is. The constructor of a derived class ends with compute_on, for the CPU.
class FusedEnergy : public Energy {
public:
    /// Energies through the graph that LibTorch differentiates. x: [N, sample_shape…].
    virtual torch::Tensor network_value(const torch::Tensor& x) const = 0;

    torch::Tensor value(const Batch& batch) const final;
    ValueAndGradient value_and_gradient(const Batch& batch) const final;
    void weights_changed() final;
    /// With the weights as they are: they are packed when somebody computes with them.
    const FusedKernel* fused() const final;
    std::string kernel_name() const final { return kernel_->name(); }
    void compute_on(std::shared_ptr<const cuda::Device> gpu) final;
    const cuda::Device* gpu() const final { return gpu_.get(); }

protected:
    /// gpu: null for the CPU.
    virtual std::unique_ptr<FusedKernel> make_kernel(const cuda::Device* gpu) const = 0;
    /// For clones, which compute where their original does.
    const std::shared_ptr<const cuda::Device>& shared_gpu() const { return gpu_; }

private:
    std::shared_ptr<const cuda::Device> gpu_; ///< outlives the kernel
    std::unique_ptr<FusedKernel> kernel_;
    mutable bool packed_is_old_ = true;
};

/// A FusedKernel from kernels::MlpKernel or kernels::ConvKernel.
template <class Kernel>
class FusedKernelOf final : public FusedKernel {
public:
    template <class Spec>
    explicit FusedKernelOf(const Spec& spec)
        : kernel_(spec), name_("fused " + kernels::instruction_set_name()) {}

    void pack(std::span<const float* const> parameters) override {
        kernel_.pack(parameters, at::get_num_threads());
    }
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t*) const override {
        if (gradients)
            kernel_.energy_and_gradient(x, n, energies, gradients, at::get_num_threads());
        else
            kernel_.energy(x, n, energies, at::get_num_threads());
    }
    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
             std::uint8_t* accepted, const std::int64_t*) const override {
        kernel_.run(x, n, settings, first, steps, at::get_num_threads(), energies, gradient_norms, report,
                    accepted);
    }
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients,
                            const std::int64_t*) const override {
        kernel_.parameter_gradient(x, n, coefficients, energy_factor, energies, gradients,
                                   at::get_num_threads());
    }
    std::string name() const override { return name_; }

private:
    Kernel kernel_;
    std::string name_;
};

/// The kernel of a network on the GPU, or on the CPU if there is none.
template <class CpuKernel, class Spec>
std::unique_ptr<FusedKernel> fused_kernel(const Spec& spec, const cuda::Device* gpu) {
    if (gpu) return gpu->make(spec);
    return std::make_unique<FusedKernelOf<CpuKernel>>(spec);
}

} // namespace ebm
