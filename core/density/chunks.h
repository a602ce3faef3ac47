#pragma once

#include "core/energy/energy.h"

namespace ebm {

/// value(x) of x [N, …], computed for at most `chunk` samples at once unless it is to be differentiated, so
/// that the memory of large networks does not grow with N.
template <typename Value>
torch::Tensor value_by_chunks(const torch::Tensor& x, std::int64_t chunk, Value value) {
    if (torch::GradMode::is_enabled() || x.size(0) <= chunk) return value(x);
    std::vector<torch::Tensor> parts;
    for (const torch::Tensor& part : x.split(chunk))
        parts.push_back(value(part));
    return torch::cat(parts);
}

/// The same of values and gradients.
template <typename Evaluate>
ValueAndGradient gradient_by_chunks(const torch::Tensor& x, std::int64_t chunk, Evaluate evaluate) {
    if (x.size(0) <= chunk) return evaluate(x);
    std::vector<torch::Tensor> values, gradients;
    for (const torch::Tensor& part : x.split(chunk)) {
        ValueAndGradient result = evaluate(part);
        values.push_back(std::move(result.value));
        gradients.push_back(std::move(result.gradient));
    }
    return {torch::cat(values), torch::cat(gradients)};
}

} // namespace ebm
