#pragma once

#include "core/base/random.h"
#include "core/kernels/step.h"
#include "core/network/graph.h"

#include <cstdint>
#include <memory>
#include <span>

namespace ebm::kernels {

/// Whether GraphKernel runs a graph, and faster than LibTorch would: false for graphs that its constructor
/// refuses, and for those that are no stack of layers and have more than eight million weights, whose packed
/// copies (eight times as many floats) neither fit the caches nor are cheap to renew.
bool graph_kernel_pays(const network::Graph& graph);

/// A network of core/network/graph.h, its gradients and Langevin chains on it, fused: a group of samples
/// stays in the cache over all steps, and a step of any rule costs one evaluation. Single precision.
///
/// A stack of layers (core/network/stack.h) is laid out as plan.h says, every other graph as graph_plan.h
/// says, there with 3 × 3 convolutions by Winograd's F(4 × 4, 3 × 3), which is off by up to 1e-6 of the
/// largest gradient on residual networks.
///
/// Samples are [n][channels][height][width], row-major, any n ≥ 0; energies are [n]; labels are [n], 0 …
/// classes − 1, and not read by graphs without classes. `threads` ≥ 1 counts the calling thread. What is
/// computed for a sample does not depend, to the bit, on n, on its place in the batch or on `threads`. The
/// const members may be called from several threads at once, pack may not.
class GraphKernel {
public:
    /// Takes the instruction set in use, see instruction_set.h. Throws ebm::Error for a graph that does not
    /// end with a linear layer to the energy, or is no stack of layers and has convolutions that change the
    /// size of pictures, or anything but convolutions and linear layers that reads its input.
    explicit GraphKernel(const network::Graph& graph);
    ~GraphKernel();
    GraphKernel(GraphKernel&&) noexcept;
    GraphKernel& operator=(GraphKernel&&) noexcept;

    /// Copies the weights in, one array for each of Graph::weights in its layout, as they are used: those
    /// with a spectral norm are divided by it already. Before it all weights are zero.
    void pack(std::span<const float* const> weights, int threads = 1);

    /// gradients: [n][channels][height][width], or null.
    void evaluate(const float* x, const std::int64_t* labels, std::int64_t n, float* energies,
                  float* gradients, int threads) const;

    /// Advances chain i = 0 … n − 1, whose state is x[i], by `steps` ≥ 0 steps of step.h. Chain i draws as
    /// chain first.chain + i, step k as step first.step + k; first.stream is not read. The report is
    /// overwritten.
    ///
    /// What may be null: energies [n] and gradient_norms [n] (|∇E| before clipping), both at the last point
    /// where the gradient that moved the chain was taken for published and langevin, both at the new state
    /// for mala; accepted [n], 0 if the last step was a rejected proposal and 1 otherwise. With steps = 0
    /// they are not written unless the rule is mala.
    void run(float* x, const std::int64_t* labels, std::int64_t n, const StepSettings& settings,
             const random::Place& first, int steps, int threads, float* energies, float* gradient_norms,
             StepReport& report, std::uint8_t* accepted = nullptr) const;

    /// What a training iteration needs without autograd. Writes the energies, then
    /// gradients = Σ_i (coefficients[i] + energy_factor·E(x_i)) · ∂E(x_i)/∂weights, one array per weight in
    /// the layout of pack, overwritten; zeros for weights that no node reads. With coefficients +1/n for data
    /// and −1/n for samples it is contrastive divergence; energy_factor = 2α/n adds the gradient of
    /// α·mean(E²). Coefficients, energies: [n]. The result does not depend, to the bit, on `threads`; unlike
    /// the energies it depends on the batch's order.
    void parameter_gradient(const float* x, const std::int64_t* labels, std::int64_t n,
                            const float* coefficients, float energy_factor, float* energies,
                            std::span<float* const> gradients, int threads) const;

private:
    class Layout;
    class StackLayout;
    class GraphLayout;
    static std::unique_ptr<Layout> layout_of(const network::Graph& graph);
    std::unique_ptr<Layout> layout_;
};

} // namespace ebm::kernels
