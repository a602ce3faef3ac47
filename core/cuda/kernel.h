#pragma once

#include "core/cuda/arguments.h"
#include "core/cuda/gpu.h"
#include "core/kernels/fused_kernel.h"

namespace ebm::cuda {

/// A network on a card, with arrays of the host going in and coming out.
class Kernel final : public FusedKernel {
public:
    Kernel(std::shared_ptr<Gpu> gpu, Plan plan);

    void pack(std::span<const float* const> parameters) override;
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t* = nullptr) const override;
    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
             std::uint8_t* accepted, const std::int64_t* = nullptr) const override;
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients,
                            const std::int64_t* = nullptr) const override;
    std::string name() const override;

private:
    struct Chains;
    /// Brings the packed weights up to date and returns what every kernel needs. `blocks` will run.
    NetworkArguments network(int blocks) const;
    int tiles(std::int64_t n) const;
    int blocks(std::int64_t n) const;
    /// Samples that one launch takes.
    std::int64_t slice() const;
    void run_slice(const Chains& chains, std::int64_t start, int n, const random::Place& first) const;

    std::shared_ptr<Gpu> gpu_;
    Plan plan_;
    std::shared_ptr<const Module> module_;
    Memory raw_, raw_on_card_, packed_, pack_tables_, gradient_tables_;
    mutable bool packed_is_old_ = true;
};

} // namespace ebm::cuda
