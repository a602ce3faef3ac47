#pragma once

#include "core/kernels/plan.h"

#include <span>

/// Between the parameters of a stack of layers as LibTorch holds them (weight, bias, weight, bias, …) and the
/// layouts of the kernels. The index arithmetic is done once; afterwards parameters are copied by table.
namespace ebm::kernels {

/// The parameters as the products want them.
class Packing {
public:
    Packing(const Plan& plan, int largest_block);

    /// packed: plan.packed_floats elements. Throws ebm::Error if the number of parameters is wrong.
    void pack(std::span<const float* const> parameters, float* packed, int threads) const;

private:
    /// packed[destination + i] = scale · parameter[source[i]], or 0 where the source is −1.
    struct Piece {
        std::size_t parameter;
        std::int64_t destination;
        float scale;
        std::vector<std::int32_t> source;
    };
    std::vector<Piece> pieces_;
    std::size_t parameters_;
};

/// Where the kernels add up parameter gradients: weights [tap][input][output], outputs rounded up to a
/// multiple of `weight_lanes`.
struct GradientSums {
    GradientSums(const Plan& plan, int weight_lanes);

    /// Multiplies by the scales of the network and writes LibTorch's layout; overwrites.
    void unpack(const Plan& plan, const float* sums, std::span<float* const> gradients, int threads) const;

    std::vector<std::int64_t> weights, biases; ///< offsets of each layer
    std::int64_t last_weights = 0, last_bias = 0;
    std::int64_t floats = 0;
    std::vector<std::vector<std::int32_t>>
        source; ///< of each weight array, the last layer's included: its places
};

} // namespace ebm::kernels
