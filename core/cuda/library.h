#pragma once

#include "core/kernels/fused_kernel.h"
#include "core/network/graph.h"

#include <memory>

/// What the program sees of the GPU library ebmlab_cuda.so, which it loads at run time and never links. Both
/// are built by the same compiler, so classes and ebm::Error cross the border.
namespace ebm::cuda {

/// How products are rounded.
enum class Precision {
    fp32,
    tf32, ///< both factors to ten bits, on the tensor cores
    bf16  ///< networks that LibTorch computes keep seven bits of everything but the energy; others as tf32
};

/// A GPU that can be used. Its kernels may be called from any thread, one call at a time computes.
class Device {
public:
    virtual ~Device() = default;
    /// "NVIDIA H200"
    virtual std::string name() const = 0;
    /// The kernel of a network, which keeps the device alive. A stack of layers (core/network/stack.h) is
    /// compiled, or taken from the cache folder; everything else is computed by LibTorch, whose CUDA part is
    /// loaded for it. Throws ebm::Error in words for the user.
    virtual std::unique_ptr<FusedKernel> make(const network::Graph& graph) const = 0;
};

} // namespace ebm::cuda

/// What the library was built from: compiler, options and every header that crosses the border. Compared
/// before anything of the library is called. See EBM_BUILD_ID in core/CMakeLists.txt.
extern "C" const char ebmlab_cuda_build[];

/// Opens the first GPU; the result is the caller's to delete. Throws ebm::Error that says in words why no GPU
/// can be used.
extern "C" ebm::cuda::Device* ebmlab_cuda_open(ebm::cuda::Precision precision);
using EbmlabCudaOpen = ebm::cuda::Device*(ebm::cuda::Precision);
