#include "core/libtorch/network.h"

#include "core/base/error.h"

namespace ebm::libtorch {
namespace {

using at::Tensor;
using network::Node;
using network::Operation;

std::size_t at_index(int index) {
    return static_cast<std::size_t>(index);
}

/// [n or 1, channels] to combine with pictures.
Tensor per_channel(const Tensor& table) {
    return table.unsqueeze(-1).unsqueeze(-1);
}

Tensor activate(Activation function, const Tensor& x) {
    switch (function) {
    case Activation::silu:
        return at::silu(x);
    case Activation::softplus:
        return at::softplus(x);
    case Activation::tanh:
        return at::tanh(x);
    case Activation::relu:
        return at::relu(x);
    case Activation::leaky_relu:
        return at::leaky_relu(x, 0.2);
    case Activation::gelu:
        return at::gelu(x);
    }
    throw Error("There is no such activation", "network", "Report this.");
}

Tensor activation_gradient(Activation function, const Tensor& gradient, const Tensor& x,
                           const Tensor& result) {
    switch (function) {
    case Activation::silu:
        return at::silu_backward(gradient, x);
    case Activation::softplus:
        return at::softplus_backward(gradient, x, 1, 20);
    case Activation::tanh:
        return at::tanh_backward(gradient, result);
    case Activation::relu:
        return at::threshold_backward(gradient, result, 0);
    case Activation::leaky_relu:
        return at::leaky_relu_backward(gradient, result, 0.2, true);
    case Activation::gelu:
        return at::gelu_backward(gradient, x);
    }
    throw Error("There is no such activation", "network", "Report this.");
}

/// Each number four times, and zeros for an odd last row or column. LibTorch's own way back from an average
/// pool takes a sixth of a step of the paper's network on a card.
Tensor unpooled(const Tensor& g, at::IntArrayRef sizes) {
    const auto n = g.size(0), channels = g.size(1), height = g.size(2), width = g.size(3);
    const Tensor rows = g.permute({0, 2, 3, 1}).contiguous(); // channels last already, but for one channel
    const Tensor four = rows.view({n, height, 1, width, 1, channels})
                            .expand({n, height, 2, width, 2, channels})
                            .reshape({n, 2 * height, 2 * width, channels})
                            .permute({0, 3, 1, 2});
    if (sizes[2] == 2 * height && sizes[3] == 2 * width) return four;
    return at::constant_pad_nd(four, {0, sizes[3] - 2 * width, 0, sizes[2] - 2 * height})
        .contiguous(at::MemoryFormat::ChannelsLast);
}

/// Whether the gradient by the convolution's input is a convolution with its weights turned round.
bool keeps_size(const Node& node) {
    return node.stride == 1 && node.kernel == 2 * node.padding + 1;
}

void add_to(Tensor& sum, Tensor part) {
    sum = sum.defined() ? sum + part : std::move(part);
}

} // namespace

struct Network::Passed {
    Tensor input;                ///< scaled, in the type of the pass
    std::vector<Tensor> results; ///< of the nodes
    Tensor labels;
    at::ScalarType type;

    const Tensor& result(int node) const { return node < 0 ? input : results[at_index(node)]; }
};

Network::Network(network::Graph graph, at::Device device, at::ScalarType type)
    : graph_(std::move(graph)), device_(device), type_(type) {
    last_reader_.assign(graph_.nodes.size(), -1);
    turned_.resize(graph_.weights.size());
    turned_rounded_.resize(graph_.weights.size());
    for (const network::Weight& weight : graph_.weights) {
        Tensor zeros = at::zeros(weight.shape, at::device(device_).dtype(at::kFloat));
        if (zeros.dim() == 4) zeros = zeros.contiguous(at::MemoryFormat::ChannelsLast);
        weights_.push_back(zeros);
        rounded_.push_back(type_ == at::kFloat ? zeros : zeros.to(type_));
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        const Node& node = graph_.nodes[i];
        for (const int from : {node.input, node.other})
            if (from >= 0) last_reader_[at_index(from)] = static_cast<int>(i);
        if (node.operation != Operation::convolution) continue;
        if (!keeps_size(node)) continue;
        const Tensor& w = weights_[at_index(node.weight)];
        const Tensor turned = at::zeros({w.size(1), w.size(0), w.size(2), w.size(3)}, w.options())
                                  .contiguous(at::MemoryFormat::ChannelsLast);
        turned_[at_index(node.weight)] = turned;
        turned_rounded_[at_index(node.weight)] = type_ == at::kFloat ? turned : turned.to(type_);
    }
}

std::int64_t Network::sample_bytes() const {
    // A result, its gradient, and what a convolution takes meanwhile.
    return (graph_.activations() + elements()) * static_cast<std::int64_t>(at::elementSize(type_)) * 2;
}

void Network::pack(std::span<const float* const> weights) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        // Nothing of the array is written to.
        const Tensor host =
            at::from_blob(const_cast<float*>(weights[i]), graph_.weights[i].shape, at::kFloat);
        weights_[i].copy_(host);
        if (turned_[i].defined()) turned_[i].copy_(weights_[i].transpose(0, 1).flip({2, 3}));
        if (type_ == at::kFloat) continue;
        rounded_[i].copy_(weights_[i]);
        if (turned_[i].defined()) turned_rounded_[i].copy_(turned_[i]);
    }
}

const Tensor& Network::weight(int index, at::ScalarType type) const {
    return type == at::kFloat ? weights_[at_index(index)] : rounded_[at_index(index)];
}

const Tensor& Network::turned(int index, at::ScalarType type) const {
    return type == at::kFloat ? turned_[at_index(index)] : turned_rounded_[at_index(index)];
}

Tensor Network::rows_of(const Tensor& table, const Tensor& labels) const {
    return graph_.classes > 0 ? table.index_select(0, labels) : table;
}

Network::Passed Network::forward(const Tensor& x, const Tensor& labels, at::ScalarType type,
                                 bool keep) const {
    Passed passed{{}, {}, labels, type};
    const Tensor scaled = graph_.input_scale == 1 ? x : x * graph_.input_scale;
    passed.input = (graph_.input_offset == 0 ? scaled : scaled + graph_.input_offset)
                       .to(type)
                       .contiguous(at::MemoryFormat::ChannelsLast);
    passed.results.resize(graph_.nodes.size());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        const Node& node = graph_.nodes[i];
        const Tensor& from = passed.result(node.input);
        Tensor& to = passed.results[i];
        switch (node.operation) {
        case Operation::convolution:
            to =
                at::conv2d(from, weight(node.weight, type),
                           node.second < 0 ? Tensor() : weight(node.second, type), node.stride, node.padding);
            break;
        case Operation::linear: {
            // The energy itself is not rounded.
            const Tensor& w = weight(node.weight, i + 1 == graph_.nodes.size() ? at::kFloat : type);
            to = per_channel(at::linear(from.flatten(1).to(w.scalar_type()), w,
                                        node.second < 0 ? Tensor() : weight(node.second, w.scalar_type())));
            break;
        }
        case Operation::class_bias:
            to = from + per_channel(rows_of(weight(node.weight, type), labels));
            break;
        case Operation::class_gain: {
            Tensor gain = rows_of(weight(node.weight, type), labels);
            if (node.second >= 0) gain = gain + weight(node.second, type);
            to = from * per_channel(gain);
            break;
        }
        case Operation::activation:
            to = activate(node.function, from);
            break;
        case Operation::average_pool:
            to = at::avg_pool2d(from, {2, 2});
            break;
        case Operation::add:
            to = from + passed.result(node.other);
            break;
        case Operation::sum:
            to = from.sum({2, 3}, true, at::kFloat);
            break;
        }
        if (keep) continue;
        for (const int read : {node.input, node.other})
            if (read >= 0 && last_reader_[at_index(read)] == static_cast<int>(i))
                passed.results[at_index(read)] = Tensor();
    }
    return passed;
}

Tensor Network::scaled_energies(const Passed& passed, const Tensor& x) const {
    Tensor energies = passed.results.back().flatten().to(at::kFloat);
    if (graph_.output_scale != 1) energies = energies * graph_.output_scale;
    if (graph_.curvature != 0) energies = energies + x.flatten(1).square().sum(1) * (0.5 * graph_.curvature);
    return energies;
}

Tensor Network::backward(const Passed& passed, const Tensor& x, const Tensor& seed,
                         std::vector<Tensor>* gradients) const {
    const bool by_x = gradients == nullptr;
    Tensor of_input;
    std::vector<Tensor> of_results(graph_.nodes.size());
    of_results.back() = (seed * graph_.output_scale).view({-1, 1, 1, 1});
    const auto give = [&](int node, Tensor part) {
        if (node >= 0)
            add_to(of_results[at_index(node)], std::move(part));
        else if (by_x)
            add_to(of_input, std::move(part));
    };
    const auto learn = [&](int index, const Tensor& part) {
        add_to((*gradients)[at_index(index)], part.to(at::kFloat));
    };
    // Sums of rows [n, channels] by class, [classes or 1, channels], in a fixed order.
    const auto by_class = [&](const Tensor& rows) {
        if (graph_.classes == 0) return rows.sum(0, true);
        const Tensor member =
            at::arange(graph_.classes, passed.labels.options()).unsqueeze(1).eq(passed.labels);
        return member.to(rows.scalar_type()).matmul(rows);
    };
    for (int i = static_cast<int>(graph_.nodes.size()) - 1; i >= 0; --i) {
        const Node& node = graph_.nodes[at_index(i)];
        const Tensor g = std::exchange(of_results[at_index(i)], Tensor());
        if (!g.defined()) continue;
        const Tensor& from = passed.result(node.input);
        switch (node.operation) {
        case Operation::convolution: {
            const bool down = node.input >= 0 || by_x, by_turned = keeps_size(node);
            const Tensor& w = weight(node.weight, passed.type);
            if (gradients || (down && !by_turned)) {
                const bool biased = node.second >= 0 && gradients;
                const std::int64_t biases[] = {w.size(0)};
                auto [of_from, of_weight, of_bias] = at::convolution_backward(
                    g, from, w, biased ? at::OptionalIntArrayRef(biases) : at::OptionalIntArrayRef(),
                    {node.stride, node.stride}, {node.padding, node.padding}, {1, 1}, false, {0, 0}, 1,
                    {down && !by_turned, gradients != nullptr, biased});
                if (gradients) learn(node.weight, of_weight);
                if (biased) learn(node.second, of_bias);
                if (down && !by_turned) give(node.input, std::move(of_from));
            }
            if (down && by_turned)
                give(node.input, at::conv2d(g, turned(node.weight, passed.type), {}, 1, node.padding));
            break;
        }
        case Operation::linear: {
            const Tensor rows = g.flatten(1);
            const Tensor& w = weight(node.weight, rows.scalar_type());
            if (gradients) {
                learn(node.weight, rows.t().matmul(from.flatten(1).to(rows.scalar_type())));
                if (node.second >= 0) learn(node.second, rows.sum(0));
            }
            give(node.input, rows.matmul(w).to(from.scalar_type()).view(from.sizes()));
            break;
        }
        case Operation::class_bias:
            if (gradients) learn(node.weight, by_class(g.sum({2, 3}, false, at::kFloat)));
            give(node.input, g);
            break;
        case Operation::class_gain: {
            Tensor gain = rows_of(weight(node.weight, passed.type), passed.labels);
            if (node.second >= 0) gain = gain + weight(node.second, passed.type);
            if (gradients) {
                const Tensor rows = (g * from).sum({2, 3}, false, at::kFloat);
                learn(node.weight, by_class(rows));
                if (node.second >= 0) learn(node.second, rows.sum(0));
            }
            give(node.input, g * per_channel(gain));
            break;
        }
        case Operation::activation:
            give(node.input, activation_gradient(node.function, g, from, passed.results[at_index(i)]));
            break;
        case Operation::average_pool:
            give(node.input, unpooled(g * 0.25, from.sizes()));
            break;
        case Operation::add:
            give(node.input, g);
            give(node.other, g);
            break;
        case Operation::sum:
            give(node.input, g.to(from.scalar_type()).expand_as(from));
            break;
        }
    }
    if (!by_x) return {};
    Tensor slope = of_input.to(at::kFloat).contiguous();
    if (graph_.input_scale != 1) slope = slope * graph_.input_scale;
    if (graph_.curvature != 0) slope = slope + x * (seed.view({-1, 1, 1, 1}) * graph_.curvature);
    return slope;
}

Tensor Network::energies(const Tensor& x, const Tensor& labels) const {
    return scaled_energies(forward(x, labels, type_, false), x);
}

std::pair<Tensor, Tensor> Network::energies_and_gradient(const Tensor& x, const Tensor& labels) const {
    const Passed passed = forward(x, labels, type_, true);
    const Tensor energies = scaled_energies(passed, x);
    return {energies, backward(passed, x, at::ones_like(energies), nullptr)};
}

std::pair<Tensor, std::vector<Tensor>> Network::weight_gradients(const Tensor& x, const Tensor& labels,
                                                                 const Tensor& coefficients,
                                                                 double energy_factor) const {
    const Passed passed = forward(x, labels, at::kFloat, true);
    const Tensor energies = scaled_energies(passed, x);
    std::vector<Tensor> gradients(weights_.size());
    backward(passed, x, coefficients + energy_factor * energies, &gradients);
    return {energies, std::move(gradients)};
}

} // namespace ebm::libtorch
