#pragma once

#include "core/base/tensor.h"

#include <vector>

namespace ebm {

/// What is read of the operations that were recorded once derivatives are taken.
struct Differentiation {
    bool keep = false;   ///< they can be differentiated again
    bool again = false;  ///< the derivatives can be differentiated themselves; keeps as well
    bool unused = false; ///< inputs that no output was computed from are allowed; theirs are undefined
};

/// Derivatives of the sum of all outputs with respect to each input: LibTorch's automatic differentiation.
/// seeds: factors of the outputs' elements, shaped as they are; without them an output is one number. Throws
/// c10::Error.
std::vector<torch::Tensor> differentiate(const std::vector<torch::Tensor>& outputs,
                                         const std::vector<torch::Tensor>& inputs,
                                         const std::vector<torch::Tensor>& seeds = {},
                                         Differentiation how = {});

} // namespace ebm
