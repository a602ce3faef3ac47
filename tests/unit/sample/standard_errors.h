#pragma once

#include "core/base/tensor.h"

#include <cmath>

namespace ebm::tests {

/// By how many standard errors the mean of independent values is off.
inline double standard_errors(const torch::Tensor& values, double expected) {
    const torch::Tensor v = values.to(torch::kDouble);
    const double error = v.std().item<double>() / std::sqrt(static_cast<double>(v.numel()));
    return std::abs(v.mean().item<double>() - expected) / error;
}

} // namespace ebm::tests
