#pragma once

#include "core/kernels/network_spec.h"

/// Floating-point operations, by which times are compared with a matrix product: the one place where they are
/// counted. A multiplication and an addition are two. Only products of weights count: biases, activations,
/// noise and the move do not. Taps of a convolution that fall on the padding count, as is usual.
namespace ebm::measure {

/// Of one energy.
inline double energy_operations(const kernels::MlpSpec& network) {
    double products = 0;
    int inputs = network.inputs;
    for (const int width : network.hidden) {
        products += static_cast<double>(inputs) * width;
        inputs = width;
    }
    return 2 * (products + inputs);
}

/// Of one energy.
inline double energy_operations(const kernels::ConvNetSpec& network) {
    double products = 0;
    int height = network.height, width = network.width;
    for (const kernels::ConvLayer& layer : network.convolutions) {
        height = (height + 2 * layer.padding - layer.kernel) / layer.stride + 1;
        width = (width + 2 * layer.padding - layer.kernel) / layer.stride + 1;
        products += static_cast<double>(height) * width * layer.out * layer.in * layer.kernel * layer.kernel;
    }
    for (const kernels::LinearLayer& layer : network.linear)
        products += static_cast<double>(layer.in) * layer.out;
    return 2 * products;
}

/// Of one step of one chain: the energy, and its gradient with respect to x, which multiplies by every weight
/// once more.
inline double step_operations(double energy) {
    return 2 * energy;
}

/// Of one training iteration: `steps` steps of `batch` chains, then energy and gradient with respect to the
/// weights of data and chains. That gradient takes two products a weight, one for the weight and one to reach
/// the layer below.
inline double training_operations(double energy, int batch, int steps) {
    return static_cast<double>(batch) * (steps * step_operations(energy) + 2 * 3 * energy);
}

} // namespace ebm::measure
