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

} // namespace ebm::cuda

/// What the library was built from: compiler, options and every header that crosses the border. Compared
/// before anything of the library is called. See EBM_BUILD_ID in core/CMakeLists.txt.
extern "C" const char ebmlab_cuda_build[];

/// Opens the first GPU; the result is the caller's to delete. `tf32`: products on its tensor cores, which
/// round both factors to ten bits. Throws ebm::Error that says in words why no GPU can be used.
extern "C" ebm::cuda::Device* ebmlab_cuda_open(bool tf32);
using EbmlabCudaOpen = ebm::cuda::Device*(bool);
