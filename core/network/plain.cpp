#include "core/network/plain.h"

namespace ebm::network {

Graph perceptron_graph(const PerceptronSpec& spec) {
    Graph graph;
    graph.input = {spec.inputs, 1, 1};
    graph.classes = spec.classes;
    graph.input_scale = spec.input_scale;
    graph.output_scale = spec.output_scale;
    graph.curvature = spec.confinement > 0 ? 1.0f / (spec.confinement * spec.confinement) : 0.0f;
    int x = -1, number = 0;
    const auto next_name = [&] { return "layers." + std::to_string(number++); };
    for (const int width : spec.hidden) {
        const std::string name = next_name();
        x = graph.linear(name, x, width);
        if (spec.classes > 0) x = graph.class_bias(name + ".class_bias", x);
        x = graph.activation(x, spec.activation);
    }
    graph.linear(next_name(), x, 1);
    return graph;
}

Graph tutorial_graph(NodeShape input, const std::vector<int>& filters, int hidden, Activation activation) {
    Graph graph;
    graph.input = input;
    int x = -1;
    for (std::size_t i = 0; i < filters.size(); ++i) {
        const bool first = i == 0;
        x = graph.strided_convolution("convolutions." + std::to_string(i), x, filters[i], first ? 5 : 3, 2,
                                      first ? 4 : 1);
        x = graph.activation(x, activation);
    }
    x = graph.activation(graph.linear("hidden", x, hidden), activation);
    graph.linear("output", x, 1);
    return graph;
}

} // namespace ebm::network
