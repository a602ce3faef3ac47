#pragma once

#include "core/base/random.h"
#include "core/kernels/step.h"
#include "core/network/graph.h"

#include <cstdint>
#include <memory>
#include <span>

namespace ebm::kernels {

/// Whether GraphKernel runs a graph, and faster than LibTorch would: false for graphs that its constructor
/// refuses, and for those of more than eight million weights, whose packed copies (eight times as many
/// floats) neither fit the caches nor are cheap to renew.
bool graph_kernel_pays(const network::Graph& graph);

/// A network of core/network/graph.h, its gradients and Langevin chains on it, fused: a group of samples
/// stays in the cache over all steps. Single precision; 3 × 3 convolutions by Winograd's F(4 × 4, 3 × 3),
/// which is off by up to 1e-6 of the largest gradient on residual networks.
///
/// Samples are [n][channels][height][width], row-major, any n ≥ 0; energies are [n]; labels are [n], 0 …
/// classes − 1, and not read by graphs without classes. `threads` ≥ 1 counts the calling thread. What is
/// computed for a sample does not depend, to the bit, on n, on its place in the batch or on `threads`. The
/// const members may be called from several threads at once, pack may not.
class GraphKernel {
public:
    /// Takes the instruction set in use, see instruction_set.h. Throws ebm::Error for a graph that does not
    /// end with a linear layer to the energy, whose input anything but convolutions and linear layers reads,
    /// or whose convolutions have even kernels.
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

    /// As ConvKernel::run.
    void run(float* x, const std::int64_t* labels, std::int64_t n, const StepSettings& settings,
             const random::Place& first, int steps, int threads, float* energies, float* gradient_norms,
             StepReport& report, std::uint8_t* accepted = nullptr) const;

    /// As ConvKernel::parameter_gradient: energies and Σ_i (coefficients[i] + energy_factor·E(x_i)) ·
    /// ∂E(x_i)/∂weights, one array per weight in the layout of pack, overwritten; zeros for weights that no
    /// node reads.
    void parameter_gradient(const float* x, const std::int64_t* labels, std::int64_t n,
                            const float* coefficients, float energy_factor, float* energies,
                            std::span<float* const> gradients, int threads) const;

private:
    class Network;
    std::unique_ptr<Network> network_;
};

} // namespace ebm::kernels
