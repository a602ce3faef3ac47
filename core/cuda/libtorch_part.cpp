#include "core/cuda/libtorch_part.h"

#include "core/base/error.h"
#include "core/cuda/shared_library.h"

#include <cstring>

namespace ebm::cuda {
namespace {

decltype(&ebmlab_libtorch_make) load() {
    const std::string file = own_folder() + "/ebmlab_libtorch.so";
    const SharedLibrary library({file});
    if (!library.loaded())
        throw Error("LibTorch, which computes this network on a GPU, has no CUDA part here", library.problem(),
                    "Install torch with CUDA (pip install torch), or compute on the CPU (--device cpu).");
    const char* build = library.find<const char>("ebmlab_libtorch_build");
    auto* make = library.find<decltype(ebmlab_libtorch_make)>("ebmlab_libtorch_make");
    if (!build || !make || std::strcmp(build, EBM_BUILD_ID) != 0)
        throw Error("The LibTorch part of the GPU library belongs to another build of the program", file,
                    "Build or install all parts together.");
    return make;
}

} // namespace

std::unique_ptr<FusedKernel> on_libtorch(const network::Graph& graph, Precision precision) {
    static const auto make = load();
    return std::unique_ptr<FusedKernel>(make(graph, precision));
}

} // namespace ebm::cuda
