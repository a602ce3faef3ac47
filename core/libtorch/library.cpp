#include "core/cuda/libtorch_part.h"
#include "core/libtorch/cuda_place.h"
#include "core/libtorch/graph_on_place.h"

extern "C" const char ebmlab_libtorch_build[] = EBM_BUILD_ID;

extern "C" ebm::FusedKernel* ebmlab_libtorch_make(const ebm::network::Graph& graph,
                                                  ebm::cuda::Precision precision) {
    return ebm::libtorch::graph_on(ebm::libtorch::cuda_place(precision), graph).release();
}
