#pragma once

#include "core/base/activation.h"
#include "core/base/tensor.h"
#include "core/kernels/instruction_set.h"

#include <doctest/doctest.h>

#include <string>

/// What the plain LibTorch twins of the fused kernels have in common.
namespace twin {

using torch::Tensor;

inline Tensor activate(ebm::Activation activation, const Tensor& z) {
    using ebm::Activation;
    switch (activation) {
    case Activation::silu:
        return torch::silu(z);
    case Activation::softplus:
        return torch::softplus(z, 1, 100);
    case Activation::tanh:
        return torch::tanh(z);
    case Activation::relu:
        return torch::relu(z);
    case Activation::leaky_relu:
        return torch::leaky_relu(z, 0.2);
    case Activation::gelu:
        return torch::gelu(z);
    }
    return z;
}

/// Largest difference relative to the largest magnitude of the expected values.
inline double relative_error(const Tensor& actual, const Tensor& expected) {
    const Tensor a = actual.to(torch::kDouble).flatten(), e = expected.to(torch::kDouble).flatten();
    return ((a - e).abs().max() / e.abs().max().clamp_min(1e-30)).item<double>();
}

/// Calls work once per instruction set of this machine.
template <class Work>
void for_each_instruction_set(Work work) {
    for (const std::string& name : ebm::kernels::available_instruction_sets()) {
        ebm::kernels::set_instruction_set(name);
        work(name);
    }
    ebm::kernels::set_instruction_set("best");
}

} // namespace twin
