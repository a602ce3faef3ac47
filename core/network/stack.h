#pragma once

#include "core/network/graph.h"

#include <optional>
#include <vector>

namespace ebm::network {

/// A convolution or a linear layer with its bias and the activation behind it.
struct StackLayer {
    bool linear = false; ///< on all elements of its input; its result is {out, 1, 1}
    NodeShape in, out;
    int kernel = 1, stride = 1, padding = 0; ///< of a convolution
};

/// A network whose layers lie one on the other: convolutions, then linear layers, each with a bias and the
/// same activation behind it, then a linear layer to the energy. Its weights are weight, bias, weight, bias,
/// … from the bottom, each in the layout of Graph::weights.
struct LayerStack {
    NodeShape input;
    std::vector<StackLayer> layers; ///< all but the one to the energy; at least one
    Activation activation = Activation::silu;
    float input_scale = 1, output_scale = 1, curvature = 0; ///< as of Graph
};

/// Empty for a graph that is more than a stack of layers, or anything else.
std::optional<LayerStack> layer_stack(const Graph& graph);

} // namespace ebm::network
