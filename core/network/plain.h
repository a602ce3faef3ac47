#pragma once

#include "core/network/graph.h"

#include <vector>

namespace ebm::network {

/// What a multilayer perceptron needs to be known:
/// E(x) = output_scale · network(input_scale · x) + |x|² / (2·confinement²).
struct PerceptronSpec {
    int inputs = 2;          ///< dimensions of x
    std::vector<int> hidden; ///< width of each hidden layer
    Activation activation = Activation::silu;
    float input_scale = 1, output_scale = 1;
    float confinement = 0; ///< standard deviation of the Gaussian factor; 0: none
    int classes = 0;       ///< with classes each hidden layer has a bias per class in front of its activation
};

/// Layers "layers.0", "layers.1", …; biases of the classes "layers.0.class_bias", ….
Graph perceptron_graph(const PerceptronSpec& spec);

/// The network of the UvA deep learning course, tutorial 8, "Deep energy-based generative models": a 5 × 5
/// convolution with padding 4 and then 3 × 3 convolutions with padding 1, all of stride 2, a linear layer of
/// `hidden` outputs and one to the energy. With its 16, 32, 64 and 64 filters it has 76,993 weights for 1 ×
/// 28 × 28.
Graph tutorial_graph(NodeShape input = {1, 28, 28}, const std::vector<int>& filters = {16, 32, 64, 64},
                     int hidden = 64, Activation activation = Activation::silu);

} // namespace ebm::network
