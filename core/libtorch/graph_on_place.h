#pragma once

#include "core/kernels/fused_kernel.h"
#include "core/network/graph.h"

#include <memory>

namespace ebm::libtorch {

class Place;

/// The FusedKernel of a graph on a place. Batches are rounded up to few sizes, so that what is recorded for
/// one is used again; a batch that the place cannot hold is done in parts. One call at a time works on a
/// place; others wait. Throws Error in words for the user where LibTorch fails.
std::unique_ptr<FusedKernel> graph_on(std::shared_ptr<const Place> place, const network::Graph& graph);

} // namespace ebm::libtorch
