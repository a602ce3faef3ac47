#pragma once

#include "core/kernels/aligned.h"
#include "core/network/graph.h"

#include <cstdint>
#include <span>
#include <vector>

/// How a network of core/network/graph.h is laid out for the kernels.
///
/// Channels lie along the lanes: a picture is [block of channels][row][ring, columns, ring][lane], with one
/// sample at a time in the cache. The ring is zero, so that a convolution never asks where a row ends; rows
/// above and below the picture are left out instead. The network's input and the energy have few channels and
/// are planar: blocks of one lane. In a network without pictures (all nodes 1 × 1) the columns are the
/// samples of a tile.
///
/// Nodes become steps: a product (convolution or linear layer), a sum over the picture, a pool or a copy,
/// followed by elementwise operations, which are applied to each row while it is in the nearest cache.
namespace ebm::kernels {

/// What the instruction set wants.
struct GraphShape {
    int lanes = 4;
    int tile = 8; ///< samples that the sampler moves together
};

/// Blocks of outputs that a product computes together.
constexpr int graph_vectors = 2;

/// Of Winograd's F(4 × 4, 3 × 3), see graph_winograd-inl.h.
constexpr int kWinogradPoints = 36;

struct GraphTensor {
    int channels = 1, height = 1, width = 1, lanes = 1, ring = 0;
    int blocks = 1;
    std::int64_t value = 0, gradient = 0; ///< offsets into the scratch memory

    int row() const { return (width + 2 * ring) * lanes; } ///< floats, as all of these
    std::int64_t block() const { return std::int64_t{height} * row(); }
    std::int64_t floats() const { return blocks * block(); }
    int first() const { return ring * lanes; } ///< of a row
};

/// A convolution, or a linear layer as a convolution of 1 × 1 whose channels are all that its input stores.
/// Forward weights: [pair of output blocks][row][input block][column][input lane][block of the pair][lane].
/// Backward weights are those of the convolution that it is, with rows and columns turned round, or, to the
/// planar input, [input channel][row][block][column][lane].
struct GraphProduct {
    int weight = -1, bias = -1; ///< indices into Graph::weights; bias only with to_energy
    int inputs = 1, outputs = 1, kernel = 1;
    int in_blocks = 1, in_lanes = 1, out_blocks = 1;
    bool linear = false;
    bool to_energy = false;          ///< forward weights [input block][lane], then the bias
    std::vector<std::int32_t> input; ///< of each stored channel: its index in the weight, −1: none
    bool winograd = false;           ///< by tiles of 4 × 4
    int band = 1;                    ///< rows of tiles that are in the cache together
    /// Offsets into the packed weights. With `winograd` those of `forward` are not set, and the two others
    /// are [point][product of 1 × 1].
    std::int64_t forward = 0, forward_points = 0, backward = 0, energy_bias = 0;

    std::int64_t run() const { return std::int64_t{kernel} * kernel * in_blocks * in_lanes; }
};

/// An elementwise operation on the result of a step.
struct GraphPost {
    enum class Kind { bias, gain, activation, add } kind = Kind::bias;
    Activation function = Activation::silu;
    int weight = -1, second = -1; ///< indices into Graph::weights; −1: none
    int channels = 1;
    bool by_class = false;
    std::int64_t table =
        0; ///< of bias and gain: [classes or 1][blocks][lane], offset into the packed weights
    int table_row = 0;
    std::int64_t saved =
        0;         ///< derivatives of an activation, inputs of a gain: offset into the scratch memory
    int other = 0; ///< of add: tensor
    bool first = true, last = true; ///< this is the first, the last contribution to the gradient of `other`
};

struct GraphStep {
    enum class Kind { product, copy, pool, sum } kind = Kind::product;
    int from = 0, to = 0; ///< tensors
    GraphProduct product;
    std::vector<GraphPost> posts;
    bool first = true, last = true; ///< as of GraphPost, for the gradient of `from`
};

struct GraphPlan {
    GraphShape shape;
    int elements = 1; ///< of a sample
    int classes = 0;
    bool flat = false;                ///< no pictures: the columns of all tensors are samples
    std::vector<GraphTensor> tensors; ///< 0: the network's input; the last: the energy
    std::vector<GraphStep> steps;     ///< step i writes tensor i + 1
    float input_scale = 1, input_offset = 0, output_scale = 1, curvature = 0;
    /// Tables and forward weights come first: the gradients of the weights have the same layout.
    std::int64_t packed_floats = 0, gradient_floats = 0;
    std::int64_t points = 0; ///< offset into the scratch memory, of the points of a band of tiles
    /// Floats of scratch memory for energies and input gradients, where gradients take the place of values,
    /// and for the gradients of weights, where both are kept.
    std::int64_t chain_floats = 0, weights_floats = 0;
    std::vector<std::int64_t> weight_counts; ///< of Graph::weights

    std::int64_t gradient_of(int tensor, bool keep_values) const {
        const GraphTensor& t = tensors[static_cast<std::size_t>(tensor)];
        return keep_values || tensor == 0 ? t.gradient : t.value;
    }
};

/// Throws ebm::Error for a graph that the kernels cannot run: see graph_kernel.h.
GraphPlan make_graph_plan(const network::Graph& graph, GraphShape shape);

/// packed: plan.packed_floats, all overwritten.
void pack_graph(const GraphPlan& plan, std::span<const float* const> weights, float* packed, int threads);

/// From plan.gradient_floats sums in the layout of the packed weights to that of Graph::weights; overwrites.
void unpack_graph(const GraphPlan& plan, const float* sums, std::span<float* const> gradients);

} // namespace ebm::kernels
