#include "core/cuda/libtorch_part.h"

#include "core/base/error.h"
#include "core/cuda/shared_library.h"

#include <cstring>
#include <optional>

namespace ebm::cuda {
namespace {

using Make = decltype(ebmlab_libtorch_make);

Make* load() {
    const std::string file = own_folder() + "/ebmlab_libtorch.so";
    const SharedLibrary library({file});
    if (!library.loaded())
        throw Error("LibTorch, which computes this network on a GPU, has no CUDA part here",
                    library.problem(),
                    "Install torch with CUDA (pip install torch), or compute on the CPU (--device cpu).");
    const char* build = library.find<const char>("ebmlab_libtorch_build");
    Make* make = library.find<Make>("ebmlab_libtorch_make");
    if (!build || !make || std::strcmp(build, EBM_BUILD_ID) != 0)
        throw Error("The LibTorch part of the GPU library belongs to another build of the program", file,
                    "Build or install all parts together.");
    return make;
}

/// Loads once.
struct Part {
    Part() {
        try {
            make = load();
        } catch (const Error& error) {
            problem = error;
        }
    }
    Make* make = nullptr;
    std::optional<Error> problem;
};
const Part& part() {
    static const Part loaded;
    return loaded;
}

} // namespace

void load_libtorch_part() {
    part();
}

std::unique_ptr<FusedKernel> on_libtorch(const network::Graph& graph, Precision precision) {
    if (part().problem) throw Error(*part().problem);
    return std::unique_ptr<FusedKernel>(part().make(graph, precision));
}

} // namespace ebm::cuda
