#include "core/energy/function_kernel.h"

#include "core/kernels/chains.h"
#include "core/kernels/instruction_set.h"

#include <ATen/Parallel.h>

namespace ebm {

FunctionKernel::FunctionKernel() : name_("fused " + kernels::instruction_set_name()) {}

void FunctionKernel::run(float* x, std::int64_t n, const kernels::StepSettings& settings,
                         const random::Place& first, int steps, float* energies, float* gradient_norms,
                         kernels::StepReport& report, std::uint8_t* accepted,
                         const std::int64_t* labels) const {
    const auto energy = [this](const float* samples, std::int64_t count, const std::int64_t* of_samples,
                               float* values,
                               float* gradients) { evaluate(samples, count, values, gradients, of_samples); };
    kernels::run_chains(energy, elements(), x, labels, n, settings, first, steps, at::get_num_threads(),
                        {energies, gradient_norms, accepted}, report);
}

void FunctionKernel::parameter_gradient(const float* x, std::int64_t n, const float*, float, float* energies,
                                        std::span<float* const>, const std::int64_t* labels) const {
    evaluate(x, n, energies, nullptr, labels);
}

} // namespace ebm
