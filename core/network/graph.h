#pragma once

#include "core/base/activation.h"

#include <cstdint>
#include <string>
#include <vector>

/// A network as a list of operations. One description, several executions: LibTorch (core/energy, which is
/// the reference), the kernels of core/kernels, and what `ebmlab describe` prints.
namespace ebm::network {

enum class Operation {
    convolution,  ///< square, zero padding; weight [out][in][kernel][kernel], bias [out] or none
    linear,       ///< on all elements of its input; weight [out][in], bias [out]
    class_bias,   ///< x + bias[y] per channel; weight [classes][channels], or [1][channels] without classes
    class_gain,   ///< x · (gain[y] + shared) per channel; weight [classes][channels], second [channels]
    activation,   ///< elementwise
    average_pool, ///< means of 2 × 2; an odd last row or column is left out
    add,          ///< of two nodes of one shape
    sum,          ///< over rows and columns; [channels][1][1] is left
};

/// Channels, height, width. A point of the plane is {2, 1, 1}.
struct NodeShape {
    int channels = 1, height = 1, width = 1;
    std::int64_t elements() const { return std::int64_t{channels} * height * width; }
    bool operator==(const NodeShape&) const = default;
};

struct Node {
    Operation operation = Operation::activation;
    int input = -1;  ///< index of a node before this one; −1: the network's input
    int other = -1;  ///< of add: the second node
    int weight = -1; ///< index into Graph::weights; −1: none
    int second = -1; ///< bias of convolution and linear, shared gain of class_gain; −1: none
    int kernel = 1, stride = 1, padding = 0; ///< of convolution
    Activation function = Activation::silu;  ///< of activation
    NodeShape shape;                         ///< of the result
};

/// How a weight begins.
enum class Start {
    uniform, ///< U(±1/√fan_in), PyTorch's default for linear and convolution layers
    he,      ///< N(0, 2 / fan_in)
    normal,  ///< N(0, 1), for weights that are divided by their spectral norm
    tiny,    ///< N(0, 1e-20)
    zero,
    one,
};

struct Weight {
    std::string name; ///< "blocks.0.first.weight"
    std::vector<std::int64_t> shape;
    Start start = Start::uniform;
    bool spectral = false; ///< is divided by its spectral norm σ before it is used
    bool floored = false;  ///< σ < 1 leaves it as it is: a weight that begins near zero is not blown up
    std::int64_t count() const;
    /// Inputs of one output; of a bias those of its layer.
    std::int64_t fan_in = 1;
};

struct Graph {
    NodeShape input;
    int classes = 0; ///< 0: no labels
    std::vector<Weight> weights;
    std::vector<Node> nodes; ///< in the order of computation; the last has one element
    // E(x) = output_scale · network(input_scale · x + input_offset) + curvature · |x|² / 2
    float input_scale = 1, input_offset = 0, output_scale = 1, curvature = 0;

    const NodeShape& shape_of(int node) const {
        return node < 0 ? input : nodes[static_cast<std::size_t>(node)].shape;
    }
    std::int64_t parameters() const;
    /// Multiply-adds of convolutions and linear layers of one energy of one sample.
    std::int64_t multiply_adds() const;
    /// Elements of all nodes of one sample, which a differentiation keeps.
    std::int64_t activations() const;

    // Each appends a node, and its weights, and returns its index. Names are prefixes of weight names.
    /// Of odd kernel, without bias, to pictures of the size of its input.
    int convolution(const std::string& name, int from, int out, int kernel, Start start, bool spectral,
                    bool floored = false);
    /// With bias; both start as PyTorch's do. Throws Error if a size is out of range: kernel, stride ≥ 1,
    /// 0 ≤ padding < kernel ≤ height and width of the padded input.
    int strided_convolution(const std::string& name, int from, int out, int kernel, int stride, int padding);
    int linear(const std::string& name, int from, int out);
    int class_bias(const std::string& name, int from);
    int class_gain(const std::string& name, int from);
    int activation(int from, Activation function);
    int average_pool(int from);
    int add(int a, int b);
    int sum(int from);

private:
    /// A node on `from` with its shape.
    Node node_after(Operation operation, int from) const;
    int append(Node node);
    int append_weight(Weight weight);
};

} // namespace ebm::network
