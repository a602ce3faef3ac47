#pragma once

#include "core/energy/energy.h"
#include "core/settings/settings.h"

namespace ebm {

/// Named leaf tensors of a network, in a fixed order.
using Weights = std::vector<std::pair<std::string, torch::Tensor>>;

/// Element e of tensor `index` is word, or normal, e % 4 of block e / 4 of the stream `weights`, chain
/// `index`.
torch::Tensor uniform_weights(const Shape& shape, std::int64_t fan_in, std::uint64_t seed, std::size_t index);
torch::Tensor normal_weights(const Shape& shape, double sd, std::uint64_t seed, std::size_t index);

/// Appends a weight of `shape` and a bias of shape[0], both U(±1/√fan_in), PyTorch's default for linear and
/// convolution layers (Kaiming-uniform with a = √5). Element e of tensor t is word e % 4 of block e / 4 of
/// the stream `weights`, chain t.
void add_layer(Weights& weights, const std::string& name, const Shape& shape, std::uint64_t seed);

/// Copies with their own memory.
Weights copy_weights(const Weights& weights);

torch::Tensor activate(Activation activation, const torch::Tensor& x);

} // namespace ebm
