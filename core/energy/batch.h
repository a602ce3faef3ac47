#pragma once

#include "core/base/tensor.h"

#include <utility>

namespace ebm {

/// Samples and what is known of them, wherever samples travel. A tensor alone is a batch without labels.
struct Batch {
    torch::Tensor x;      ///< [N, sample shape…], fp32
    torch::Tensor labels; ///< [N], int64, or undefined

    Batch() = default;
    Batch(torch::Tensor samples, torch::Tensor classes = {})
        : x(std::move(samples)), labels(std::move(classes)) {}
    std::int64_t size() const { return x.defined() ? x.size(0) : 0; }
};

/// Samples as a model has them, fp32: bytes b of pictures become b / 127.5 − 1, floats are what they are.
inline torch::Tensor model_values(const torch::Tensor& x) {
    return x.scalar_type() == torch::kByte ? x.to(torch::kFloat).div_(127.5f).sub_(1.0f) : x;
}

} // namespace ebm
