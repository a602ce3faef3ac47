#include "core/network/graph.h"

#include "core/base/error.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace ebm::network {

std::int64_t Weight::count() const {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::int64_t Graph::parameters() const {
    std::int64_t count = 0;
    for (const Weight& weight : weights)
        count += weight.count();
    return count;
}

std::int64_t Graph::multiply_adds() const {
    std::int64_t count = 0;
    for (const Node& node : nodes)
        if (node.operation == Operation::convolution || node.operation == Operation::linear) {
            const std::int64_t places = std::int64_t{node.shape.height} * node.shape.width;
            count += weights[static_cast<std::size_t>(node.weight)].count() * places;
        }
    return count;
}

std::int64_t Graph::activations() const {
    std::int64_t count = input.elements();
    for (const Node& node : nodes)
        count += node.shape.elements();
    return count;
}

Node Graph::node_after(Operation operation, int from) const {
    Node node;
    node.operation = operation;
    node.input = from;
    node.shape = shape_of(from);
    return node;
}

int Graph::append(Node node) {
    nodes.push_back(node);
    return static_cast<int>(nodes.size()) - 1;
}

int Graph::append_weight(Weight weight) {
    weights.push_back(std::move(weight));
    return static_cast<int>(weights.size()) - 1;
}

int Graph::convolution(const std::string& name, int from, int out, int kernel, Start start, bool spectral,
                       bool floored) {
    Node node = node_after(Operation::convolution, from);
    node.kernel = kernel;
    node.padding = kernel / 2;
    node.weight = append_weight({name + ".weight",
                                 {out, node.shape.channels, kernel, kernel},
                                 start,
                                 spectral,
                                 floored,
                                 std::int64_t{node.shape.channels} * kernel * kernel});
    node.shape.channels = out;
    return append(node);
}

int Graph::strided_convolution(const std::string& name, int from, int out, int kernel, int stride,
                               int padding) {
    Node node = node_after(Operation::convolution, from);
    const auto require = [&](bool condition, const char* what_happened) {
        if (!condition) throw Error(what_happened, "network, " + name, "Correct the sizes of its layers.");
    };
    require(out > 0 && kernel >= 1 && stride >= 1 && padding >= 0 && padding < kernel,
            "A convolution has sizes out of range");
    require(node.shape.height + 2 * padding >= kernel && node.shape.width + 2 * padding >= kernel,
            "A convolution's kernel is larger than its input");
    node.kernel = kernel;
    node.stride = stride;
    node.padding = padding;
    const std::int64_t inputs = std::int64_t{node.shape.channels} * kernel * kernel;
    node.weight = append_weight(
        {name + ".weight", {out, node.shape.channels, kernel, kernel}, Start::uniform, false, false, inputs});
    node.second = append_weight({name + ".bias", {out}, Start::uniform, false, false, inputs});
    node.shape = {out, (node.shape.height + 2 * padding - kernel) / stride + 1,
                  (node.shape.width + 2 * padding - kernel) / stride + 1};
    return append(node);
}

int Graph::linear(const std::string& name, int from, int out) {
    Node node = node_after(Operation::linear, from);
    const std::int64_t inputs = shape_of(from).elements();
    node.weight = append_weight({name + ".weight", {out, inputs}, Start::uniform, false, false, inputs});
    node.second = append_weight({name + ".bias", {out}, Start::uniform, false, false, inputs});
    node.shape = {out, 1, 1};
    return append(node);
}

int Graph::class_bias(const std::string& name, int from) {
    Node node = node_after(Operation::class_bias, from);
    node.weight = append_weight({name, {std::max(1, classes), node.shape.channels}, Start::zero});
    return append(node);
}

int Graph::class_gain(const std::string& name, int from) {
    Node node = node_after(Operation::class_gain, from);
    node.weight = append_weight({name, {std::max(1, classes), node.shape.channels}, Start::one});
    if (classes > 0) node.second = append_weight({name + "_shared", {node.shape.channels}, Start::zero});
    return append(node);
}

int Graph::activation(int from, Activation function) {
    Node node = node_after(Operation::activation, from);
    node.function = function;
    return append(node);
}

int Graph::average_pool(int from) {
    Node node = node_after(Operation::average_pool, from);
    node.shape.height /= 2;
    node.shape.width /= 2;
    if (node.shape.height == 0 || node.shape.width == 0)
        throw Error("The pictures are too small to be halved that often", "setting model.stages",
                    "Take fewer stages or larger pictures.");
    return append(node);
}

int Graph::add(int a, int b) {
    Node node = node_after(Operation::add, a);
    node.other = b;
    return append(node);
}

int Graph::sum(int from) {
    Node node = node_after(Operation::sum, from);
    node.shape = {shape_of(from).channels, 1, 1};
    return append(node);
}

} // namespace ebm::network
