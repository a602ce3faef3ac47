#pragma once

#include <utility>

#include <torch/torch.h>

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

} // namespace ebm
