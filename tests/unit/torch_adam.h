#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

namespace ebm::tests {

/// torch::optim::Adam, in a file of its own: its header brings all of LibTorch's operations.
class TorchAdam {
public:
    explicit TorchAdam(std::vector<at::Tensor> weights, double learning_rate, double beta1 = 0.9,
                       double beta2 = 0.999);
    ~TorchAdam();
    void set_learning_rate(double rate);
    void zero_grad();
    void step(); ///< by the gradients that the weights have

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace ebm::tests
