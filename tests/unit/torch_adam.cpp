#include "tests/unit/torch_adam.h"

#include <torch/optim/adam.h>

namespace ebm::tests {

struct TorchAdam::Parts {
    torch::optim::Adam adam;
};

TorchAdam::TorchAdam(std::vector<at::Tensor> weights, double learning_rate, double beta1, double beta2)
    : parts_(std::make_unique<Parts>(Parts{torch::optim::Adam(
          std::move(weights), torch::optim::AdamOptions(learning_rate).betas({beta1, beta2}))})) {}

TorchAdam::~TorchAdam() = default;

void TorchAdam::set_learning_rate(double rate) {
    for (auto& group : parts_->adam.param_groups())
        group.options().set_lr(rate);
}

void TorchAdam::zero_grad() {
    parts_->adam.zero_grad();
}

void TorchAdam::step() {
    parts_->adam.step();
}

} // namespace ebm::tests
