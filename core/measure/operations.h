#pragma once

#include "core/network/graph.h"

/// Floating-point operations, by which times are compared with a matrix product: the one place where they are
/// counted. A multiplication and an addition are two. Only products of weights count: biases, activations,
/// noise and the move do not. Taps of a convolution that fall on the padding count, as is usual.
namespace ebm::measure {

/// Of one energy.
inline double energy_operations(const network::Graph& graph) {
    return 2 * static_cast<double>(graph.multiply_adds());
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
