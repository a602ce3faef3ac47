#include "core/network/layers.h"

#include <set>

namespace ebm::network {
namespace {

std::string words(const Node& node, const Graph& graph) {
    const std::string each = graph.classes > 0 ? " of each class" : "";
    switch (node.operation) {
    case Operation::convolution: {
        const Weight& weight = graph.weights[static_cast<std::size_t>(node.weight)];
        const std::string side = std::to_string(node.kernel);
        return "convolution " + side + " × " + side +
               (node.stride > 1 ? ", stride " + std::to_string(node.stride) : "") +
               (weight.spectral ? ", spectral norm" : "");
    }
    case Operation::linear:
        return "linear";
    case Operation::class_bias:
        return "bias" + each;
    case Operation::class_gain:
        return "gain" + each;
    case Operation::activation: {
        constexpr const char* names[] = {"SiLU", "softplus", "tanh", "ReLU", "leaky ReLU 0.2", "GELU"};
        return names[static_cast<std::size_t>(node.function)];
    }
    case Operation::average_pool:
        return "average pool 2 × 2";
    case Operation::add:
        return "add the skip";
    case Operation::sum:
        return "sum over space";
    }
    return "";
}

/// "blocks.0.first.weight" → "blocks.0.first".
std::string name_of(const std::string& weight) {
    const std::size_t end = weight.rfind(".weight");
    return end == std::string::npos ? weight : weight.substr(0, end);
}

} // namespace

std::vector<LayerFacts> layers(const Graph& graph) {
    std::vector<LayerFacts> list;
    std::set<int> read;
    for (const Node& node : graph.nodes) {
        LayerFacts facts;
        facts.operation = words(node, graph);
        facts.shape = node.shape;
        for (const int index : {node.weight, node.second}) {
            if (index < 0) continue;
            const Weight& weight = graph.weights[static_cast<std::size_t>(index)];
            read.insert(index);
            if (facts.name.empty()) facts.name = name_of(weight.name);
            facts.parameters += weight.count();
            if (index == node.weight &&
                (node.operation == Operation::convolution || node.operation == Operation::linear))
                facts.multiply_adds = weight.count() * node.shape.height * node.shape.width;
        }
        list.push_back(std::move(facts));
    }
    LayerFacts unread{"", "tables that no operation reads", {0, 0, 0}, 0, 0};
    for (std::size_t i = 0; i < graph.weights.size(); ++i)
        if (!read.contains(static_cast<int>(i))) unread.parameters += graph.weights[i].count();
    if (unread.parameters > 0) list.push_back(std::move(unread));
    return list;
}

} // namespace ebm::network
