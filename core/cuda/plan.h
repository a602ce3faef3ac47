#pragma once

#include "core/cuda/shape.h"
#include "core/network/stack.h"

#include <cstddef>
#include <string>
#include <vector>

/// From a stack of layers to what the kernels need: its shape, and where each parameter goes.
namespace ebm::cuda {

/// Shape building: an empty shape of these samples, then its layers from the bottom.
constexpr Shape samples_of(int channels, int height, int width, int activation) {
    Shape shape{};
    shape.activation = activation;
    shape.layers[0] = {channels, height, width};
    return shape;
}
/// The convolution that comes next; its input is the output of the last one. At most most_layers.
constexpr void append_convolution(Shape& shape, int channels, int kernel, int stride, int padding) {
    Layer& layer = shape.layers[shape.layer_count];
    if (shape.layer_count > 0) {
        const Layer& below = shape.layers[shape.layer_count - 1];
        layer = {below.out_channels, below.out_height, below.out_width};
    }
    layer.kernel_height = layer.kernel_width = kernel;
    layer.stride_height = layer.stride_width = stride;
    layer.padding = padding;
    layer.out_channels = channels;
    layer.out_height = (layer.in_height + 2 * padding - kernel) / stride + 1;
    layer.out_width = (layer.in_width + 2 * padding - kernel) / stride + 1;
    ++shape.layer_count;
}
/// A linear layer: a convolution with one position, whose kernel and stride are its whole input.
constexpr void append_linear(Shape& shape, int outputs) {
    append_convolution(shape, outputs, 1, 1, 0);
    Layer& layer = shape.layers[shape.layer_count - 1];
    layer.kernel_height = layer.stride_height = layer.in_height;
    layer.kernel_width = layer.stride_width = layer.in_width;
    layer.out_height = layer.out_width = 1;
}

/// A shape and the tables that move parameters between LibTorch's layout and the kernels'. Raw parameters are
/// the arrays weight, bias, weight, bias, … one behind the other.
struct Plan {
    Shape shape{};
    float curvature = 0;

    std::vector<std::size_t> parameter_sizes; ///< of each array
    std::size_t raw_floats = 0;
    std::vector<int> source;  ///< of each packed weight: its raw parameter, or −1 for zero
    std::vector<float> scale; ///< of each packed weight
    std::vector<int> place;   ///< of each raw parameter: its sum in the layout of the forward weights
    std::vector<float> gradient_scale;

    int elements() const { return cuda::elements(shape); }
    int shared_bytes() const;
    /// Floating-point operations of one energy with its gradient, for one sample.
    double operations() const;
};

/// Throws ebm::Error for a network that the kernels cannot hold. `shared_bytes`: what a block may have; tf32:
/// see Shape.
Plan make_plan(const network::LayerStack& stack, int shared_bytes, bool tf32 = false);

/// The same on blocks that are chosen already: everything of `blocks` but its layers and activation.
Plan make_plan_on(const network::LayerStack& stack, const Shape& blocks);

/// C++ source that defines ebm::cuda::Network with this shape.
std::string network_source(const Shape& shape);

} // namespace ebm::cuda
