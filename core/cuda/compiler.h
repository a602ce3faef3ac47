#pragma once

#include "core/cuda/shared_library.h"

#include <string>
#include <vector>

namespace ebm::cuda {

/// NVRTC, the compiler of GPU code, loaded at run time. It needs neither driver nor GPU.
class Compiler {
public:
    /// Looks in $EBMLAB_NVRTC (a file), beside this library, beside LibTorch, then where the loader looks.
    /// Throws ebm::Error if there is none.
    Compiler();

    /// "13.0"
    const std::string& version() const { return version_; }
    /// Compute capabilities it can compile for, 10 · major + minor, ascending.
    const std::vector<int>& architectures() const { return architectures_; }

    /// The key of what compile() would give: everything it depends on.
    std::string key(const std::string& network, int architecture,
                    const std::string& main = network_kernels) const;
    /// Machine code of the file `main` of core/cuda: of kernels.cu for the network of network_source(), of
    /// draws.cu, which reads no network. PTX for cards that are newer than the compiler. Throws ebm::Error
    /// with the compiler's words.
    std::string compile(const std::string& network, int architecture,
                        const std::string& main = network_kernels) const;

    static constexpr const char* network_kernels = "kernels.cu";
    static constexpr const char* draw_kernels = "draws.cu";

private:
    std::vector<std::string> options(int architecture) const;
    bool knows(int architecture) const;

    SharedLibrary builtins_, library_;
    std::string version_;
    std::vector<int> architectures_;
};

} // namespace ebm::cuda
