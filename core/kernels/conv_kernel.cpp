#include "core/kernels/conv_kernel.h"

#include "core/kernels/network.h"

namespace ebm::kernels {

ConvKernel::ConvKernel(const ConvNetSpec& spec) : network_(std::make_unique<Network>(make_plan(spec))) {}
ConvKernel::~ConvKernel() = default;
ConvKernel::ConvKernel(ConvKernel&&) noexcept = default;
ConvKernel& ConvKernel::operator=(ConvKernel&&) noexcept = default;

void ConvKernel::pack(std::span<const float* const> parameters, int threads) {
    network_->pack(parameters, threads);
}

void ConvKernel::energy(const float* x, std::int64_t n, float* energies, int threads) const {
    network_->evaluate(x, n, energies, nullptr, threads);
}

void ConvKernel::energy_and_gradient(const float* x, std::int64_t n, float* energies, float* gradients,
                                     int threads) const {
    network_->evaluate(x, n, energies, gradients, threads);
}

void ConvKernel::run(float* x, std::int64_t n, const StepSettings& settings, const random::Place& first,
                     int steps, int threads, float* energies, float* gradient_norms, StepReport& report,
                     std::uint8_t* accepted) const {
    network_->run(x, n, settings, first, steps, threads, {energies, gradient_norms, accepted}, report);
}

void ConvKernel::parameter_gradient(const float* x, std::int64_t n, const float* coefficients,
                                    float energy_factor, float* energies, std::span<float* const> gradients,
                                    int threads) const {
    network_->parameter_gradient(x, n, coefficients, energy_factor, energies, gradients, threads);
}

} // namespace ebm::kernels
