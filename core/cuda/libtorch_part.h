#pragma once

#include "core/cuda/library.h"

/// ebmlab_libtorch.so, which computes networks of core/network by LibTorch on the card. It needs the CUDA
/// part of LibTorch and all that this needs in turn, so it is loaded apart from the kernels of core/cuda.
namespace ebm::cuda {

/// To be called before LibTorch computes anything: it asks for its CUDA part once, and does without it from
/// then on if it is not loaded. What cannot be loaded is an error of on_libtorch.
void load_libtorch_part();

/// Throws ebm::Error that says in words why LibTorch cannot compute on the card.
std::unique_ptr<FusedKernel> on_libtorch(const network::Graph& graph, Precision precision);

} // namespace ebm::cuda

/// As ebmlab_cuda_build.
extern "C" const char ebmlab_libtorch_build[];
/// The result is the caller's to delete.
extern "C" ebm::FusedKernel* ebmlab_libtorch_make(const ebm::network::Graph& graph,
                                                  ebm::cuda::Precision precision);
