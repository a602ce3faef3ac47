#include "core/kernels/mlp_kernel.h"

#include "core/kernels/network.h"

namespace ebm::kernels {

MlpKernel::MlpKernel(const MlpSpec& spec) : network_(std::make_unique<Network>(make_plan(spec))) {}
MlpKernel::~MlpKernel() = default;
MlpKernel::MlpKernel(MlpKernel&&) noexcept = default;
MlpKernel& MlpKernel::operator=(MlpKernel&&) noexcept = default;

void MlpKernel::pack(std::span<const float* const> parameters, int threads) {
    network_->pack(parameters, threads);
}

void MlpKernel::energy(const float* x, std::int64_t n, float* energies, int threads) const {
    network_->evaluate(x, n, energies, nullptr, threads);
}

void MlpKernel::energy_and_gradient(const float* x, std::int64_t n, float* energies, float* gradients,
                                    int threads) const {
    network_->evaluate(x, n, energies, gradients, threads);
}

void MlpKernel::run(float* x, std::int64_t n, const StepSettings& settings, const random::Place& first,
                    int steps, int threads, float* energies, float* gradient_norms, StepReport& report,
                    std::uint8_t* accepted) const {
    network_->run(x, n, settings, first, steps, threads, {energies, gradient_norms, accepted}, report);
}

void MlpKernel::parameter_gradient(const float* x, std::int64_t n, const float* coefficients,
                                   float energy_factor, float* energies, std::span<float* const> gradients,
                                   int threads) const {
    network_->parameter_gradient(x, n, coefficients, energy_factor, energies, gradients, threads);
}

} // namespace ebm::kernels
