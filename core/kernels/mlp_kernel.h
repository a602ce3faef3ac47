#pragma once

#include "core/base/random.h"
#include "core/kernels/network_spec.h"
#include "core/kernels/step.h"

#include <cstdint>
#include <memory>
#include <span>

namespace ebm::kernels {

/// The energy of a multilayer perceptron, its gradient and chains on it, fused: a group of chains stays in
/// the cache over all steps, and a step of any rule costs one evaluation. Single precision.
///
/// Points are [n][inputs], row-major, any n ≥ 0. Energies are [n]. `threads` ≥ 1 counts the calling thread.
/// What is computed for a point does not depend, to the bit, on n, on its place in the batch or on `threads`.
/// The const members may be called from several threads at once, pack may not.
class MlpKernel {
public:
    /// Takes the instruction set in use, see instruction_set.h. Throws ebm::Error if a size is out of range.
    explicit MlpKernel(const MlpSpec& spec);
    ~MlpKernel();
    MlpKernel(MlpKernel&&) noexcept;
    MlpKernel& operator=(MlpKernel&&) noexcept;

    /// Copies the parameters in: weight [out][in], bias [out], … as in LibTorch, contiguous. Before it all
    /// are zero.
    void pack(std::span<const float* const> parameters, int threads = 1);

    void energy(const float* x, std::int64_t n, float* energies, int threads) const;
    /// gradients: [n][inputs].
    void energy_and_gradient(const float* x, std::int64_t n, float* energies, float* gradients,
                             int threads) const;

    /// Advances n chains by `steps` steps of step.h, see ConvKernel::run.
    void run(float* x, std::int64_t n, const StepSettings& settings, const random::Place& first, int steps,
             int threads, float* energies, float* gradient_norms, StepReport& report,
             std::uint8_t* accepted = nullptr) const;

    /// What a training iteration needs without autograd. Writes the energies, then
    /// gradients = Σ_i (coefficients[i] + energy_factor·E(x_i)) · ∂E(x_i)/∂parameters, one array per
    /// parameter in the order and layout of pack, overwritten. With coefficients +1/n for data and −1/n for
    /// samples it is contrastive divergence; energy_factor = 2α/n adds the gradient of α·mean(E²).
    /// Coefficients, energies: [n]. The result does not depend, to the bit, on `threads`; unlike the energies
    /// it depends on the batch's order.
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients, int threads) const;

private:
    std::unique_ptr<class Network> network_;
};

} // namespace ebm::kernels
