#pragma once

#include "core/kernels/fused_kernel.h"
#include "core/kernels/network_spec.h"

#include <memory>

/// What the program sees of the GPU library ebmlab_cuda.so, which it loads at run time and never links. Both
/// are built by the same compiler, so classes and ebm::Error cross the border.
namespace ebm::cuda {

/// A GPU that can be used. Its kernels may be called from any thread, one call at a time computes.
class Device {
public:
    virtual ~Device() = default;
    /// "NVIDIA H200"
    virtual std::string name() const = 0;
    /// Compiles the network's kernels, or takes them from the cache folder. They keep the device alive.
    /// Throws ebm::Error in words for the user.
    virtual std::unique_ptr<FusedKernel> make(const kernels::MlpSpec& spec) const = 0;
    virtual std::unique_ptr<FusedKernel> make(const kernels::ConvNetSpec& spec) const = 0;
};

/// Differs between builds whose classes do not fit together.
constexpr unsigned interface_version = 2u << 24 | static_cast<unsigned>(sizeof(kernels::StepSettings)) << 16 |
                                       static_cast<unsigned>(sizeof(kernels::StepReport)) << 8 |
                                       static_cast<unsigned>(sizeof(random::Place));

} // namespace ebm::cuda

/// The one function that the library exports. Opens the first GPU; the result is the caller's to delete.
/// `tf32`: products on its tensor cores, which round both factors to ten bits. Throws ebm::Error that says in
/// words why no GPU can be used.
extern "C" ebm::cuda::Device* ebmlab_cuda_open(unsigned interface_version, bool tf32);
using EbmlabCudaOpen = ebm::cuda::Device*(unsigned, bool);
