#pragma once

#include "core/energy/energy.h"
#include "core/energy/weights.h"
#include "core/kernels/fused_kernel.h"
#include "core/network/graph.h"

namespace ebm {

/// E(x, y) of a graph through LibTorch, differentiable. weights: as they are used, one for each of
/// Graph::weights. x: [n, channels, height, width], or [n, 2] for graphs on the plane; labels: int64 [n],
/// undefined for graphs without classes. Returns [n].
torch::Tensor graph_value(const network::Graph& graph, const std::vector<torch::Tensor>& weights,
                          const torch::Tensor& x, const torch::Tensor& labels);

/// The results of all nodes of a graph, in their order, each [n, channels, height, width]; arguments as
/// above.
std::vector<torch::Tensor> graph_results(const network::Graph& graph,
                                         const std::vector<torch::Tensor>& weights, const torch::Tensor& x,
                                         const torch::Tensor& labels);
/// The kernel of a graph on the CPU. Throws Error as kernels::GraphKernel does.
std::unique_ptr<FusedKernel> cpu_kernel(const network::Graph& graph);

/// What the weight begins with, as `weight` says; `index`: of the weight in its graph.
torch::Tensor start_of(const network::Weight& weight, std::uint64_t seed, std::size_t index);

/// Spectral normalisation [Miyato et al. 2018] of a weight, seen as a matrix [out][everything else]: a pair
/// of unit vectors u [out], v that power iteration turns towards the largest singular value σ = uᵀ W v.
struct SpectralVectors {
    torch::Tensor u, v;
};
/// One round of power iteration: v ← Wᵀu / |Wᵀu|, u ← Wv / |Wv|.
void power_iteration(const torch::Tensor& weight, SpectralVectors& vectors);
/// W / σ with σ = uᵀ W v, through which gradients flow while u and v are constants. floored, as in the
/// released code of Du & Mordatch (2019): W · min(σ + 1e-6, 1) / (σ + 1e-6).
torch::Tensor normalised(const torch::Tensor& weight, const SpectralVectors& vectors, bool floored);

/// As long as one lives, energies whose power iteration moves in every step move it with each evaluation on
/// this thread, as the released code does. Without one they leave it alone: looking at a model must not
/// change its training.
class PowerIterationMoves {
public:
    PowerIterationMoves();
    ~PowerIterationMoves();
    PowerIterationMoves(const PowerIterationMoves&) = delete;
    PowerIterationMoves& operator=(const PowerIterationMoves&) = delete;

private:
    bool before_;
};

/// An energy that is described by a graph: computed by its kernel wherever nothing is to be differentiated
/// through, and by LibTorch where something is.
class GraphEnergy final : public Energy {
public:
    /// Weights start as the graph says, drawn from `seed`; power iteration has converged. `every_step`: u and
    /// v, and so the energy, move with each evaluation in training, see PowerIterationMoves.
    GraphEnergy(network::Graph graph, bool plane, bool every_step, std::uint64_t seed);

    Shape sample_shape() const override;
    int classes() const override { return graph_.classes; }
    const network::Graph* graph() const override { return &graph_; }
    /// Through LibTorch, differentiable in x and in the weights; a batch of a graph with classes has labels.
    torch::Tensor network_value(const Batch& batch) const;
    torch::Tensor value(const Batch& batch) const override;
    ValueAndGradient value_and_gradient(const Batch& batch) const override;
    Weights parameters() const override { return weights_; }
    NamedTensors buffers() const override;
    std::shared_ptr<Energy> clone() const override;
    void weights_changed() override { packed_is_old_ = true; }
    void after_update() override;
    std::vector<torch::Tensor> weight_gradient(std::vector<torch::Tensor> used_gradient) const override;
    const FusedKernel* fused() const override;
    std::string kernel_name() const override;
    /// Throws Error too if power iteration is to move with every evaluation, which LibTorch on the CPU does.
    void compute_on(std::shared_ptr<const cuda::Device> gpu) override;
    const cuda::Device* gpu() const override { return gpu_.get(); }

private:
    GraphEnergy(const GraphEnergy& other);
    void make_kernel();
    /// The weights as they are used, recorded by LibTorch if it records.
    std::vector<torch::Tensor> used_weights() const;
    void turn() const;

    network::Graph graph_;
    bool plane_, every_step_;
    Weights weights_;
    mutable std::vector<SpectralVectors> spectral_; ///< one for each weight; undefined without
    std::shared_ptr<const cuda::Device> gpu_;       ///< outlives the kernel; null for the CPU
    std::unique_ptr<FusedKernel> kernel_;           ///< null: LibTorch on the CPU is faster
    mutable bool packed_is_old_ = true;
};

} // namespace ebm
