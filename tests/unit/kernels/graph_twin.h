#pragma once

#include "core/energy/differentiate.h"
#include "twin.h"

#include "core/kernels/graph_kernel.h"
#include "core/network/graph.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

/// The plain LibTorch twin of a network graph, in double precision and by autograd.
namespace twin {

/// A graph with weights as they are used, float and contiguous.
struct GraphNetwork {
    ebm::network::Graph graph;
    std::vector<Tensor> weights = {};

    std::vector<const float*> pointers() const {
        std::vector<const float*> result;
        for (const Tensor& weight : weights)
            result.push_back(weight.data_ptr<float>());
        return result;
    }

    /// x: [n, …] of any floating type, labels: [n], not read without classes; returns [n] of the type of x.
    Tensor energy(const Tensor& x, const Tensor& labels = {}) const {
        using ebm::network::Operation;
        const std::int64_t n = x.size(0);
        const Tensor input = x.reshape({n, graph.input.channels, graph.input.height, graph.input.width});
        const Tensor scaled = input * graph.input_scale + graph.input_offset;
        const Tensor rows = graph.classes > 0 ? labels : torch::zeros({n}, torch::kLong);
        std::vector<Tensor> values;
        const auto value = [&](int node) {
            return node < 0 ? scaled : values[static_cast<std::size_t>(node)];
        };
        const auto weight = [&](int index) {
            return weights[static_cast<std::size_t>(index)].to(x.scalar_type());
        };
        for (const ebm::network::Node& node : graph.nodes) {
            const Tensor in = value(node.input);
            switch (node.operation) {
            case Operation::convolution:
                values.push_back(torch::conv2d(in, weight(node.weight),
                                               node.second < 0 ? Tensor() : weight(node.second), node.stride,
                                               node.padding));
                break;
            case Operation::linear:
                values.push_back(torch::linear(in.flatten(1), weight(node.weight), weight(node.second))
                                     .reshape({n, -1, 1, 1}));
                break;
            case Operation::class_bias:
                values.push_back(in + weight(node.weight).index_select(0, rows).reshape({n, -1, 1, 1}));
                break;
            case Operation::class_gain: {
                Tensor gain = weight(node.weight).index_select(0, rows);
                if (node.second >= 0) gain = gain + weight(node.second);
                values.push_back(in * gain.reshape({n, -1, 1, 1}));
                break;
            }
            case Operation::activation:
                values.push_back(twin::activate(node.function, in));
                break;
            case Operation::average_pool:
                values.push_back(torch::avg_pool2d(in, 2));
                break;
            case Operation::add:
                values.push_back(in + value(node.other));
                break;
            case Operation::sum:
                values.push_back(in.sum({2, 3}, true));
                break;
            }
        }
        return graph.output_scale * values.back().reshape({n}) +
               graph.curvature * input.square().sum({1, 2, 3}) / 2;
    }

    struct EnergyAndGradient {
        Tensor energy, gradient;
    };
    EnergyAndGradient energy_and_gradient(const Tensor& x, const Tensor& labels = {}) const {
        const Tensor leaf = x.detach().clone().set_requires_grad(true);
        const Tensor result = energy(leaf, labels);
        return {result.detach(), ebm::differentiate({result.sum()}, {leaf})[0]};
    }
};

/// Weights with about the spread that keeps values of one size, and tables away from their starts.
inline GraphNetwork random_graph_network(const ebm::network::Graph& graph, std::uint64_t seed) {
    torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(seed);
    GraphNetwork network{graph};
    for (const ebm::network::Weight& weight : graph.weights) {
        const bool bias = weight.shape.size() < 2 || weight.start == ebm::network::Start::zero ||
                          weight.start == ebm::network::Start::one;
        const double inputs =
            bias ? 10.0 : static_cast<double>(weight.count()) / static_cast<double>(weight.shape[0]);
        Tensor value = torch::randn(weight.shape, generator) * (1.2 / std::sqrt(inputs));
        if (weight.start == ebm::network::Start::one) value = value + 1;
        network.weights.push_back(value.contiguous());
    }
    return network;
}

/// Energies and gradients of a packed kernel beside those of the network, which has no classes. x: [n, …].
inline void check_energies(const ebm::kernels::GraphKernel& kernel, const GraphNetwork& network,
                           const Tensor& x) {
    const std::int64_t n = x.size(0);
    const auto expected = network.energy_and_gradient(x.to(torch::kDouble));
    Tensor energy = torch::full({n}, NAN), only_energy = torch::full({n}, NAN),
           gradient = torch::full_like(x, NAN);
    kernel.evaluate(x.data_ptr<float>(), nullptr, n, energy.data_ptr<float>(), gradient.data_ptr<float>(), 1);
    kernel.evaluate(x.data_ptr<float>(), nullptr, n, only_energy.data_ptr<float>(), nullptr, 1);
    DOCTEST_CHECK(relative_error(energy, expected.energy) < 1e-5);
    DOCTEST_CHECK(relative_error(gradient, expected.gradient) < 1e-5);
    DOCTEST_CHECK(torch::equal(energy, only_energy));
}

} // namespace twin
