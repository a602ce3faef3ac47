#pragma once

#include "core/base/random.h"
#include "core/base/tensor.h"
#include "core/energy/batch.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ebm {

struct Settings;
class FusedKernel;
namespace cuda {
class Device;
}
namespace network {
struct Graph;
}

/// Shape of one sample without the batch dimension: {2} for the plane, {C, H, W} for images.
using Shape = std::vector<std::int64_t>;

/// Tensors by name, in a fixed order. They share memory with their owner.
using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

struct ValueAndGradient {
    torch::Tensor value;    ///< [N]
    torch::Tensor gradient; ///< like x
};

/// An energy function E(x): low where samples are likely, p(x) = exp(−E(x)) / Z. Tensors are fp32 on the CPU.
/// A conditional energy E(x, y) has classes and reads the labels of a batch, 0 … classes() − 1; of a batch
/// without labels it gives −log Σ_y exp(−E(x, y)).
class Energy {
public:
    virtual ~Energy() = default;

    virtual Shape sample_shape() const = 0;

    /// 0: not conditional.
    virtual int classes() const { return 0; }
    /// The description of energies that are networks of core/network; else null.
    virtual const network::Graph* graph() const { return nullptr; }

    /// Energies of a batch; returns [N]. Differentiable in x and in the weights.
    virtual torch::Tensor value(const Batch& batch) const = 0;

    /// Energies and ∇E with respect to x, detached. The default differentiates `value` with the weights
    /// frozen: it is the reference for what overrides it.
    virtual ValueAndGradient value_and_gradient(const Batch& batch) const;

    /// Named weights in a fixed order, empty for analytic energies. They share memory with the energy.
    virtual NamedTensors parameters() const { return {}; }
    /// State that is not trained but belongs to the energy, such as the vectors of power iteration.
    virtual NamedTensors buffers() const { return {}; }
    /// To be called once after each update of the weights in training: power iteration moves on here.
    virtual void after_update() {}
    /// The gradient with respect to parameters(), given that with respect to the weights as the network uses
    /// them, which is what FusedKernel::parameter_gradient computes.
    virtual std::vector<torch::Tensor> weight_gradient(std::vector<torch::Tensor> used_gradient) const {
        return used_gradient;
    }

    /// Samples that the energy can make at once, without a chain, for chains to start from: [count, sample
    /// shape…], sample i from random chain first.chain + i. Undefined if it cannot.
    virtual torch::Tensor starts(std::int64_t /*count*/, const random::Place& /*first*/) const { return {}; }

    /// A copy with its own weights.
    virtual std::shared_ptr<Energy> clone() const = 0;

    /// To be called after weights changed in place; fast twins repack here.
    virtual void weights_changed() {}

    /// The kernel that advances whole chains, see core/kernels/fused_kernel.h; null if LibTorch must do it.
    virtual const FusedKernel* fused() const { return nullptr; }

    /// Moves what this energy's kernel computes to a GPU, or with null to the CPU. Tensors stay where they
    /// are. Energies without a kernel stay on the CPU. Throws Error if the GPU cannot hold the network.
    virtual void compute_on(std::shared_ptr<const cuda::Device>) {}
    /// Null for the CPU.
    virtual const cuda::Device* gpu() const { return nullptr; }

    /// What computes energies now, for the status bar: "reference (LibTorch)", "fused AVX-512", …
    virtual std::string kernel_name() const { return "reference (LibTorch)"; }
};

/// Builds settings.model.energy for samples of `shape`, with weights drawn from `seed`. classes: of the data,
/// 0 without labels; the energy is conditional on them if settings.model.conditional says so. Throws Error
/// for an unknown name, a shape that does not fit, and a conditional energy without classes.
std::shared_ptr<Energy> make_energy(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                    int classes = 0);

/// Names that settings.model.energy may have.
struct EnergyKind {
    std::string name, title, description;
    bool analytic;
    bool plane;                 ///< else images; a density may be for both
    std::vector<double> minima; ///< x, y of the known minima of an analytic energy
    double low = -4, high = 4;  ///< a square that shows an analytic energy well
    bool density = false;       ///< normalised, see core/density/density.h
    bool decodes = false;       ///< makes samples for chains to start from, see Energy::starts
};
const std::vector<EnergyKind>& energy_kinds();

} // namespace ebm
