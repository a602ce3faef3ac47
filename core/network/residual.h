#pragma once

#include "core/network/graph.h"

namespace ebm::network {

/// The residual energies of Du & Mordatch (2019), as their released code has them (models.py): a first
/// convolution, stages of residual blocks, ReLU, the sum over space, a linear layer to the energy.
///
/// Block: bias(x) → 3×3 convolution → activation → bias → 3×3 convolution, begun near zero → gain, plus the
/// skip (a 3×3 convolution where the channels change); the first block of a stage halves the picture after
/// the sum; then the activation. Biases and gains are per class, or per channel without classes. No batch
/// norm. leaky ReLU nets end with ReLU, others with their own activation.
struct ResidualSpec {
    NodeShape input{3, 32, 32};
    int classes = 0;
    int stem = 128;                      ///< channels of the first convolution
    int channels = 128;                  ///< base channels of the blocks
    std::vector<int> widths = {1, 2, 2}; ///< of the stages, in units of the base channels
    std::vector<int> blocks = {2, 2, 2}; ///< of each stage
    Activation activation = Activation::leaky_relu;
    bool spectral = true;     ///< convolutions are divided by their spectral norm
    bool conditioning = true; ///< biases and gains
    /// The convolutions see (x + 1) / 2: pixels from 0 to 1, padded with 0, where x is from −1 to 1.
    bool zero_to_one = false;
    /// Also declares the tables that the released code declares and its energy never reads, so that the
    /// number of parameters is the published one.
    bool unread_tables = false;
};

/// Throws Error if the numbers do not fit each other.
Graph residual_graph(const ResidualSpec& spec);

} // namespace ebm::network
