#pragma once

#include "core/network/graph.h"

namespace ebm::network {

/// One operation of a network, as a person reads it.
struct LayerFacts {
    std::string name;      ///< "blocks.0.first", empty for operations without weights
    std::string operation; ///< "convolution 3 × 3"
    NodeShape shape;       ///< of the result
    std::int64_t parameters = 0;
    std::int64_t multiply_adds = 0; ///< of one sample
};

/// In the order of computation; weights that no operation reads are the last row.
std::vector<LayerFacts> layers(const Graph& graph);

} // namespace ebm::network
