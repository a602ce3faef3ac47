#pragma once

#include "core/base/random.h"
#include "core/kernels/network_spec.h"
#include "core/kernels/step.h"

#include <cstdint>
#include <memory>
#include <span>

namespace ebm::kernels {

/// A convolutional energy, its gradient with respect to the images and Langevin chains on it, fused: a group
/// of images stays in the cache over all steps. Single precision.
///
/// Images are [n][channels][height][width], row-major, any n ≥ 0. Energies are [n]. `threads` ≥ 1 counts the
/// calling thread. What is computed for an image does not depend, to the bit, on n, on its place in the batch
/// or on `threads`. The const members may be called from several threads at once, pack may not.
class ConvKernel {
public:
    /// Takes the instruction set in use, see instruction_set.h. Throws ebm::Error if the layers do not fit
    /// each other.
    explicit ConvKernel(const ConvNetSpec& spec);
    ~ConvKernel();
    ConvKernel(ConvKernel&&) noexcept;
    ConvKernel& operator=(ConvKernel&&) noexcept;

    /// Copies the parameters in: weight, bias, weight, bias, … of the convolutions, then of the linear
    /// layers; weights as in LibTorch, [out][in][row][column] and [out][in], contiguous. Before it all
    /// parameters are zero.
    void pack(std::span<const float* const> parameters, int threads = 1);

    void energy(const float* x, std::int64_t n, float* energies, int threads) const;
    /// gradients: [n][channels][height][width].
    void energy_and_gradient(const float* x, std::int64_t n, float* energies, float* gradients,
                             int threads) const;

    /// Advances chain i = 0 … n − 1, whose state is x[i], by `steps` ≥ 0 steps of step.h. Chain i draws as
    /// chain first.chain + i, step k as step first.step + k; first.stream is not read. The report is
    /// overwritten.
    ///
    /// What may be null: energies [n] and gradient_norms [n] (|∇E| before clipping), both at the last point
    /// where the gradient that moved the chain was taken for published and langevin, both at the new state
    /// for mala; accepted [n], 0 if the last step was a rejected proposal and 1 otherwise. With steps = 0
    /// they are not written unless the rule is mala.
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
