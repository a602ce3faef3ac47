#pragma once

#include "core/network/graph.h"

#include <string>
#include <vector>

/// Stacks of layers that are none of the program's own networks.
namespace twin {

struct Convolution {
    int out, kernel, stride, padding;
};

/// Convolutions, hidden linear layers of these widths and one to the energy, with an activation between them.
inline ebm::network::Graph layer_graph(ebm::network::NodeShape input,
                                       const std::vector<Convolution>& convolutions,
                                       const std::vector<int>& hidden, ebm::Activation activation) {
    ebm::network::Graph graph;
    graph.input = input;
    int x = -1, number = 0;
    const auto next_name = [&] { return std::to_string(number++); };
    for (const Convolution& c : convolutions) {
        x = graph.strided_convolution(next_name(), x, c.out, c.kernel, c.stride, c.padding);
        x = graph.activation(x, activation);
    }
    for (const int width : hidden)
        x = graph.activation(graph.linear(next_name(), x, width), activation);
    graph.linear(next_name(), x, 1);
    return graph;
}

} // namespace twin
