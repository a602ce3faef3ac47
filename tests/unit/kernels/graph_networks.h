#pragma once

#include "core/energy/differentiate.h"
#include "graph_twin.h"
#include "reference_chain.h"

#include "core/kernels/step.h"
#include "core/network/residual.h"

/// Networks, samples and steps that every execution of a graph is tried on.
namespace twin {

using ebm::Activation;
using ebm::kernels::Rule;
using ebm::kernels::StepSettings;
using ebm::network::Graph;
using ebm::network::NodeShape;
using ebm::network::Start;

inline Graph residual(NodeShape input, int classes, int channels, std::vector<int> widths,
                      std::vector<int> blocks, Activation activation) {
    ebm::network::ResidualSpec spec;
    spec.input = input;
    spec.classes = classes;
    spec.stem = spec.channels = channels;
    spec.widths = std::move(widths);
    spec.blocks = std::move(blocks);
    spec.activation = activation;
    return ebm::network::residual_graph(spec);
}

/// A conditional network of the plane: linear, bias of the class, activation, linear, …
inline Graph plane_network(int classes, const std::vector<int>& hidden, Activation activation) {
    Graph graph;
    graph.input = {2, 1, 1};
    graph.classes = classes;
    graph.input_scale = 0.7f;
    graph.input_offset = -0.4f;
    graph.output_scale = 1.3f;
    graph.curvature = 0.2f;
    int x = -1;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        const std::string name = "layers." + std::to_string(i);
        x = graph.linear(name, x, hidden[i]);
        x = graph.class_bias(name + ".class", x);
        x = graph.activation(x, activation);
    }
    graph.linear("energy", x, 1);
    return graph;
}

/// What residual graphs do not have: kernels of 5 and 1, a linear layer on a picture, sums of nodes with
/// several readers, a gain and a bias with several readers, an activation of a pool.
inline Graph odd_network() {
    Graph graph;
    graph.input = {2, 9, 6};
    graph.classes = 3;
    graph.input_scale = graph.input_offset = 0.5f;
    graph.output_scale = 0.5f;
    graph.curvature = 0.1f;
    const int first = graph.convolution("a", -1, 21, 5, Start::he, false);
    const int gain = graph.class_gain("b", first);
    const int soft = graph.activation(gain, Activation::softplus);
    const int narrow = graph.convolution("c", gain, 21, 1, Start::he, false);
    const int both = graph.add(soft, narrow);
    const int twice = graph.add(both, both);
    const int again = graph.convolution("d", -1, 21, 3, Start::he, false);
    const int pooled = graph.average_pool(graph.add(again, twice));
    const int bent = graph.activation(pooled, Activation::tanh);
    const int bias = graph.class_bias("e", pooled);
    const int hidden = graph.linear("f", graph.add(bent, bias), 19);
    const int sums = graph.linear("g", graph.sum(bent), 19);
    graph.linear("energy", graph.activation(graph.add(hidden, sums), Activation::gelu), 1);
    return graph;
}

/// Convolutions that change the size of pictures, and yet no stack of layers.
inline Graph strided_network() {
    Graph graph;
    graph.input = {2, 9, 6};
    graph.output_scale = 0.5f;
    const int down = graph.activation(graph.strided_convolution("a", -1, 7, 5, 2, 4), Activation::silu);
    const int even = graph.strided_convolution("b", down, 6, 2, 1, 0);
    const int padded = graph.strided_convolution("c", down, 6, 4, 1, 1);
    graph.linear("energy", graph.sum(graph.activation(graph.add(even, padded), Activation::silu)), 1);
    return graph;
}

/// Convolutions with biases that keep the size of pictures, and yet no stack of layers.
inline Graph biased_network() {
    Graph graph;
    graph.input = {1, 13, 14};
    const int a = graph.activation(graph.strided_convolution("a", -1, 20, 3, 1, 1), Activation::silu);
    const int b = graph.activation(graph.strided_convolution("b", a, 20, 5, 1, 2), Activation::silu);
    graph.linear("energy", graph.add(a, graph.strided_convolution("c", b, 20, 3, 1, 1)), 1);
    return graph;
}

inline Tensor random_labels(std::int64_t n, int classes, std::uint64_t seed) {
    torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(seed);
    return torch::randint(0, std::max(1, classes), {n}, generator, torch::kLong);
}

inline Tensor random_samples(const Graph& graph, std::int64_t n, std::uint64_t seed) {
    torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(seed);
    return torch::rand({n, graph.input.channels, graph.input.height, graph.input.width}, generator) * 2 - 1;
}

inline std::vector<StepSettings> all_rules() {
    std::vector<StepSettings> all;
    for (const Rule rule : {Rule::published, Rule::langevin, Rule::mala}) {
        StepSettings settings;
        settings.rule = rule;
        settings.drift = 0.02f;
        settings.noise = 0.1f;
        settings.box_low = -1.5f;
        settings.box_high = 1.25f;
        all.push_back(settings);
        settings.spread = 3.0f;
        settings.gradient_clip = 0.3f;
        settings.drift_limit = 1.2f;
        settings.jump_share = 0.3f;
        settings.temperature = 1.7f;
        all.push_back(settings);
    }
    all.push_back(all.front());
    all.back().rule = Rule::mala;
    all.back().drift = 1e-3f;
    all.back().box = false;
    return all;
}

/// Energies, and Σ_i (coefficients[i] + energy_factor·E(x_i)) ∂E(x_i)/∂weights, in double precision by
/// autograd.
struct WeightGradients {
    Tensor energy;
    std::vector<Tensor> gradients; ///< undefined for weights that no node reads

    /// The largest error of single-precision sums, of what rounding may make of each array: 2e-5 of
    /// its largest number, and 1e-6 of the network's, because arrays cancel. At most 1 is right.
    double error_of(const std::vector<Tensor>& found) const {
        double largest = 0, worst = 0;
        for (const Tensor& gradient : gradients)
            if (gradient.defined()) largest = std::max(largest, gradient.abs().max().item<double>());
        for (std::size_t i = 0; i < gradients.size(); ++i) {
            const bool read = gradients[i].defined();
            const Tensor off = read ? found[i] - gradients[i] : found[i];
            const double allowed =
                read ? 2e-5 * gradients[i].abs().max().item<double>() + 1e-6 * largest : 1e-300;
            const double error = off.abs().max().item<double>() / allowed;
            if (!(error <= worst)) worst = error; // NaN too
        }
        return worst;
    }
};
inline WeightGradients weight_gradients(const GraphNetwork& network, const Tensor& x, const Tensor& labels,
                                        const Tensor& coefficients, double energy_factor) {
    GraphNetwork exact = network;
    for (Tensor& weight : exact.weights)
        weight = weight.to(torch::kDouble).set_requires_grad(true);
    const Tensor energy = exact.energy(x.to(torch::kDouble), labels);
    const Tensor factor = (coefficients + energy_factor * energy).detach();
    return {energy.detach(),
            ebm::differentiate({(factor * energy).sum()}, exact.weights, {}, {.unused = true})};
}

/// Chains by ReferenceChain, each by itself: where they end, and whether their last step was accepted.
struct ReferenceEnds {
    Tensor x; ///< double
    std::vector<bool> accepted;
};
inline ReferenceEnds reference_ends(const GraphNetwork& network, const Tensor& start, const Tensor& labels,
                                    const StepSettings& settings, const ebm::random::Place& first,
                                    int steps) {
    ReferenceEnds ends{start.to(torch::kDouble), {}};
    for (std::int64_t i = 0; i < start.size(0); ++i) {
        ebm::random::Place place = first;
        place.chain += static_cast<std::uint32_t>(i);
        const Tensor label = labels.slice(0, i, i + 1);
        ReferenceChain chain(
            [&](const Tensor& at) {
                const auto [energy, gradient] = network.energy_and_gradient(at.unsqueeze(0), label);
                return std::pair(energy.item<double>(), gradient.squeeze(0));
            },
            settings, place);
        bool accepted = true;
        for (int k = 0; k < steps; ++k)
            ends.x[i] = chain.step(ends.x[i].clone(), accepted);
        ends.accepted.push_back(accepted);
    }
    return ends;
}

} // namespace twin
