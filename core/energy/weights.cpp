#include "core/energy/weights.h"

#include "core/base/random.h"
#include "core/kernels/noise.h"

#include <cmath>

namespace ebm {

torch::Tensor uniform_weights(const Shape& shape, std::int64_t fan_in, std::uint64_t seed,
                              std::size_t index) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
    torch::Tensor tensor = torch::empty(shape);
    float* values = tensor.data_ptr<float>();
    const random::Place place{seed, random::Stream::weights, 0, static_cast<std::uint32_t>(index), 0};
    random::Words words{};
    for (std::int64_t e = 0; e < tensor.numel(); ++e) {
        if (e % 4 == 0) words = random::words(place, static_cast<std::uint32_t>(e / 4));
        values[e] = static_cast<float>(bound * (2.0 * random::uniform(words[e % 4]) - 1.0));
    }
    return tensor.requires_grad_(true);
}

torch::Tensor normal_weights(const Shape& shape, double sd, std::uint64_t seed, std::size_t index) {
    torch::Tensor tensor = torch::empty(shape);
    kernels::fill_normal(tensor.data_ptr<float>(), 1, tensor.numel(),
                         {seed, random::Stream::weights, 0, static_cast<std::uint32_t>(index), 0}, 1);
    return tensor.mul_(sd).requires_grad_(true);
}

void add_layer(Weights& weights, const std::string& name, const Shape& shape, std::uint64_t seed) {
    std::int64_t fan_in = 1;
    for (std::size_t i = 1; i < shape.size(); ++i)
        fan_in *= shape[i];
    weights.emplace_back(name + ".weight", uniform_weights(shape, fan_in, seed, weights.size()));
    weights.emplace_back(name + ".bias", uniform_weights({shape[0]}, fan_in, seed, weights.size()));
}

Weights copy_weights(const Weights& weights) {
    Weights copies;
    for (const auto& [name, tensor] : weights)
        copies.emplace_back(name, tensor.detach().clone().requires_grad_(true));
    return copies;
}

torch::Tensor activate(Activation activation, const torch::Tensor& x) {
    switch (activation) {
    case Activation::silu:
        return torch::silu(x);
    case Activation::softplus:
        return torch::softplus(x);
    case Activation::tanh:
        return torch::tanh(x);
    case Activation::relu:
        return torch::relu(x);
    case Activation::leaky_relu:
        return torch::leaky_relu(x, 0.2);
    case Activation::gelu:
        return torch::gelu(x);
    }
    return x;
}

} // namespace ebm
