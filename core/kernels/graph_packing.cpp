#include "core/base/error.h"
#include "core/kernels/graph_plan.h"
#include "core/kernels/parallel.h"

#include <algorithm>
#include <string>

namespace ebm::kernels {
namespace {

/// Calls visit(place, index) for the forward weights of a product: where a weight is stored, counted from
/// `forward`, and where it is in the layout of LibTorch.
template <class Visit>
void visit_forward(const GraphProduct& product, int lanes, Visit visit) {
    const std::int64_t taps = std::int64_t{product.kernel} * product.kernel, run = product.run();
    const int stored = product.in_blocks * product.in_lanes;
    if (product.to_energy) {
        for (int in = 0; in < stored; ++in)
            if (product.input[static_cast<std::size_t>(in)] >= 0)
                visit(std::int64_t{in}, std::int64_t{product.input[static_cast<std::size_t>(in)]});
        return;
    }
    for (int in = 0; in < stored; ++in) {
        const std::int32_t input = product.input[static_cast<std::size_t>(in)];
        if (input < 0) continue;
        const int block = in / product.in_lanes, in_lane = in % product.in_lanes;
        for (int out = 0; out < product.outputs; ++out) {
            const int pair = out / lanes / graph_vectors * graph_vectors;
            const int vectors = std::min(graph_vectors, product.out_blocks - pair);
            for (int ky = 0; ky < product.kernel; ++ky) {
                for (int kx = 0; kx < product.kernel; ++kx) {
                    const std::int64_t step =
                        (std::int64_t{ky} * product.in_blocks + block) * product.kernel * product.in_lanes +
                        kx * product.in_lanes + in_lane;
                    visit(pair * lanes * run + step * vectors * lanes + (out - pair * lanes),
                          (std::int64_t{out} * product.inputs + input) * taps + ky * product.kernel + kx);
                }
            }
        }
    }
}

/// The same for the backward weights.
template <class Visit>
void visit_backward(const GraphProduct& product, int lanes, Visit visit) {
    const int kernel = product.kernel, stored = product.in_blocks * product.in_lanes;
    const std::int64_t taps = std::int64_t{kernel} * kernel;
    const int out_lanes = product.to_energy ? 1 : lanes, out_blocks = product.out_blocks;
    for (int in = 0; in < stored; ++in) {
        const std::int32_t input = product.input[static_cast<std::size_t>(in)];
        if (input < 0) continue;
        const int pair = in / lanes / graph_vectors * graph_vectors;
        const int vectors = std::min(graph_vectors, product.in_blocks - pair);
        for (int out = 0; out < product.outputs; ++out) {
            for (int ky = 0; ky < kernel; ++ky) {
                for (int kx = 0; kx < kernel; ++kx) {
                    const int turned_y = kernel - 1 - ky, turned_x = kernel - 1 - kx;
                    const std::int64_t step =
                        (std::int64_t{turned_y} * out_blocks + out / out_lanes) * kernel * out_lanes +
                        turned_x * out_lanes + out % out_lanes;
                    const std::int64_t run = taps * out_blocks * out_lanes;
                    const std::int64_t place =
                        product.in_lanes == 1
                            ? in * run + step
                            : pair * lanes * run + step * vectors * lanes + (in - pair * lanes);
                    visit(place, (std::int64_t{out} * product.inputs + input) * taps + ky * kernel + kx);
                }
            }
        }
    }
}

/// Kernels of 3 × 3 of neighbouring outputs, and their values at the points of graph_winograd-inl.h.
struct Kernels {
    static constexpr int count = 16;
    float taps[3][3][count] = {};
    float points[kWinogradPoints][count] = {};

    void to_points() {
        constexpr float third = 1.0f / 3, sixth = 1.0f / 6, root_third = 0.47140452f,
                        root_sixth = 0.23570226f;
        constexpr float lines[6][3] = {{1, 0, 0},
                                       {-2 * third, -root_third, -third},
                                       {-2 * third, root_third, -third},
                                       {sixth, root_sixth, third},
                                       {sixth, -root_sixth, third},
                                       {0, 0, 1}};
        float rows[3][6][count];
        for (int y = 0; y < 3; ++y)
            for (int p = 0; p < 6; ++p)
                for (int i = 0; i < count; ++i)
                    rows[y][p][i] = lines[p][0] * taps[y][0][i] + lines[p][1] * taps[y][1][i] +
                                    lines[p][2] * taps[y][2][i];
        for (int q = 0; q < 6; ++q)
            for (int p = 0; p < 6; ++p)
                for (int i = 0; i < count; ++i)
                    points[q * 6 + p][i] = lines[q][0] * rows[0][p][i] + lines[q][1] * rows[1][p][i] +
                                           lines[q][2] * rows[2][p][i];
    }
};

/// The weights of a 3 × 3 convolution, or of the one that leads back, at the points.
void pack_points(const GraphProduct& product, int lanes, const float* weight, bool backward, float* packed) {
    const int inputs = backward ? product.outputs : product.inputs;
    const int outputs = backward ? product.inputs : product.outputs;
    const int in_blocks = backward ? product.out_blocks : product.in_blocks;
    const int out_blocks = backward ? product.in_blocks : product.out_blocks;
    const std::int64_t run = std::int64_t{in_blocks} * lanes, point = run * out_blocks * lanes;
    for (int block = 0; block < out_blocks; ++block) {
        const int pair = block / graph_vectors * graph_vectors, first = block * lanes;
        const int vectors = std::min(graph_vectors, out_blocks - pair);
        const int present = std::min(lanes, outputs - first);
        for (int in = 0; in < inputs; ++in) {
            Kernels kernels;
            for (int i = 0; i < present; ++i) {
                const std::int64_t out = first + i;
                const float* kernel =
                    weight + (backward ? in * std::int64_t{outputs} + out : out * inputs + in) * 9;
                for (int tap = 0; tap < 9; ++tap)
                    kernels.taps[tap / 3][tap % 3][i] = kernel[backward ? 8 - tap : tap];
            }
            kernels.to_points();
            float* place = packed + pair * lanes * run + in * vectors * lanes + (block - pair) * lanes;
            for (int p = 0; p < kWinogradPoints; ++p)
                std::copy_n(kernels.points[p], lanes, place + p * point);
        }
    }
}

/// As visit_forward for a table: `classes` rows of the first weight, and one of the second that all rows
/// share.
template <class Visit>
void visit_table(const GraphPost& post, int classes, Visit visit) {
    for (int row = 0; row < (post.by_class ? classes : 1); ++row)
        for (int channel = 0; channel < post.channels; ++channel)
            visit(std::int64_t{row} * post.table_row + channel, std::int64_t{row} * post.channels + channel,
                  std::int64_t{channel});
}

void require_count(const GraphPlan& plan, std::size_t arrays) {
    if (arrays == plan.weight_counts.size()) return;
    throw Error("The network has " + std::to_string(plan.weight_counts.size()) + " weight arrays and got " +
                    std::to_string(arrays),
                "network", "Pass one array for every weight of the network, in order.");
}

void pack_step(const GraphPlan& plan, const GraphStep& step, std::span<const float* const> weights,
               float* packed) {
    const auto array = [&](int weight) { return weights[static_cast<std::size_t>(weight)]; };
    if (step.kind == GraphStep::Kind::product) {
        const GraphProduct& product = step.product;
        const float* weight = array(product.weight);
        const float scale = product.to_energy ? plan.output_scale : 1.0f;
        float *forward = packed + product.forward, *backward = packed + product.backward;
        if (product.winograd) {
            pack_points(product, plan.shape.lanes, weight, false, packed + product.forward_points);
            pack_points(product, plan.shape.lanes, weight, true, backward);
        } else {
            visit_forward(product, plan.shape.lanes, [&](std::int64_t place, std::int64_t index) {
                forward[place] = scale * weight[index];
            });
            visit_backward(product, plan.shape.lanes, [&](std::int64_t place, std::int64_t index) {
                backward[place] = scale * weight[index];
            });
        }
        if (product.bias >= 0) packed[product.energy_bias] = scale * *array(product.bias);
    }
    for (const GraphPost& post : step.posts) {
        if (post.weight < 0) continue;
        const float* weight = array(post.weight);
        const float* second = post.second >= 0 ? array(post.second) : nullptr;
        float* table = packed + post.table;
        visit_table(post, plan.classes, [&](std::int64_t place, std::int64_t index, std::int64_t channel) {
            table[place] = weight[index] + (second ? second[channel] : 0.0f);
        });
    }
}

void unpack_step(const GraphPlan& plan, const GraphStep& step, const float* sums,
                 std::span<float* const> gradients) {
    const auto array = [&](int weight) { return gradients[static_cast<std::size_t>(weight)]; };
    if (step.kind == GraphStep::Kind::product) {
        const GraphProduct& product = step.product;
        float* gradient = array(product.weight);
        const float* places = sums + product.forward;
        const float scale = product.to_energy ? plan.output_scale : 1.0f;
        visit_forward(product, plan.shape.lanes, [&](std::int64_t place, std::int64_t index) {
            gradient[index] += scale * places[place];
        });
        if (product.bias >= 0) *array(product.bias) += scale * sums[product.energy_bias];
    }
    for (const GraphPost& post : step.posts) {
        if (post.weight < 0) continue;
        float* gradient = array(post.weight);
        float* second = post.second >= 0 ? array(post.second) : nullptr;
        const float* table = sums + post.table;
        visit_table(post, plan.classes, [&](std::int64_t place, std::int64_t index, std::int64_t channel) {
            gradient[index] += table[place];
            if (second) second[channel] += table[place];
        });
    }
}

} // namespace

void pack_graph(const GraphPlan& plan, std::span<const float* const> weights, float* packed, int threads) {
    require_count(plan, weights.size());
    std::fill_n(packed, plan.packed_floats, 0.0f);
    parallel_for(static_cast<std::int64_t>(plan.steps.size()), threads, [&](std::int64_t index) {
        pack_step(plan, plan.steps[static_cast<std::size_t>(index)], weights, packed);
    });
}

void unpack_graph(const GraphPlan& plan, const float* sums, std::span<float* const> gradients) {
    require_count(plan, gradients.size());
    for (std::size_t i = 0; i < gradients.size(); ++i)
        std::fill_n(gradients[i], plan.weight_counts[i], 0.0f);
    // One after the other: several nodes may share a weight.
    for (const GraphStep& step : plan.steps)
        unpack_step(plan, step, sums, gradients);
}

} // namespace ebm::kernels
