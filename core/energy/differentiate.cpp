#include "core/energy/differentiate.h"

#include <torch/csrc/autograd/autograd.h>

namespace ebm {

std::vector<torch::Tensor> differentiate(const std::vector<torch::Tensor>& outputs,
                                         const std::vector<torch::Tensor>& inputs,
                                         const std::vector<torch::Tensor>& seeds, Differentiation how) {
    return torch::autograd::grad(outputs, inputs, seeds, how.keep || how.again, how.again, how.unused);
}

} // namespace ebm
