#include "core/network/stack.h"

namespace ebm::network {
namespace {

/// Whether node i is a convolution or linear layer on the node before it, with weights 2·layer and 2·layer+1.
bool is_layer(const Graph& graph, std::size_t i, int layer) {
    const Node& node = graph.nodes[i];
    return (node.operation == Operation::convolution || node.operation == Operation::linear) &&
           node.input == static_cast<int>(i) - 1 && node.weight == 2 * layer && node.second == 2 * layer + 1;
}

bool is_activation(const Graph& graph, std::size_t i) {
    const Node& node = graph.nodes[i];
    return node.operation == Operation::activation && node.input == static_cast<int>(i) - 1;
}

} // namespace

std::optional<LayerStack> layer_stack(const Graph& graph) {
    const std::size_t count = graph.nodes.size(); // layer, activation, layer, activation, …, layer
    if (graph.classes > 0 || graph.input_offset != 0 || count < 3 || count % 2 == 0 ||
        graph.weights.size() != count + 1)
        return {};
    LayerStack stack;
    stack.input = graph.input;
    stack.input_scale = graph.input_scale;
    stack.output_scale = graph.output_scale;
    stack.curvature = graph.curvature;
    stack.activation = graph.nodes[1].function;
    for (std::size_t i = 0; i + 1 < count; i += 2) {
        const Node& node = graph.nodes[i];
        if (!is_layer(graph, i, static_cast<int>(i / 2)) || !is_activation(graph, i + 1) ||
            graph.nodes[i + 1].function != stack.activation)
            return {};
        const bool linear = node.operation == Operation::linear;
        if (!linear && !stack.layers.empty() && stack.layers.back().linear) return {};
        stack.layers.push_back(
            {linear, graph.shape_of(node.input), node.shape, node.kernel, node.stride, node.padding});
    }
    const Node& last = graph.nodes.back();
    if (!is_layer(graph, count - 1, static_cast<int>(count / 2)) || last.operation != Operation::linear ||
        last.shape.elements() != 1)
        return {};
    return stack;
}

} // namespace ebm::network
