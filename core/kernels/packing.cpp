#include "core/kernels/packing.h"

#include "core/base/error.h"
#include "core/kernels/parallel.h"

#include <algorithm>
#include <string>

namespace ebm::kernels {
namespace {

/// Maps a row of the layer below to its index in LibTorch's flattened order; −1 for a channel that is only
/// padding.
class FlattenedInput {
public:
    FlattenedInput(int channels, int stored, int positions)
        : channels_(channels), stored_(stored), positions_(positions) {}

    int operator()(int row) const {
        const int channel = row % stored_;
        return channel < channels_ ? channel * positions_ + row / stored_ : -1;
    }

private:
    int channels_, stored_, positions_;
};

FlattenedInput below(const Plan& plan, std::size_t layer) {
    if (layer == 0) return {plan.channels, plan.channels, plan.height * plan.width};
    const Layer& previous = plan.layers[layer - 1];
    return {previous.out_channels, previous.out_stored, previous.out_height * previous.out_width};
}

/// Index in LibTorch's weight array of the weight from stored input `in` at a tap to an output; −1 if there
/// is none.
class WeightIndex {
public:
    WeightIndex(const Plan& plan, std::size_t index)
        : layer_(plan.layers[index]), flattened_(below(plan, index)), taps_(layer_.kernel * layer_.kernel) {}

    std::int32_t operator()(int out, int in, int tap) const {
        if (out >= layer_.out_channels || in >= layer_.in_stored) return -1;
        const int channel = layer_.linear() ? flattened_(in) : in;
        if (channel < 0 || channel >= layer_.in_channels) return -1;
        return (out * layer_.in_channels + channel) * taps_ + tap;
    }

private:
    const Layer& layer_;
    FlattenedInput flattened_;
    int taps_;
};

/// Sources in the order [block][run][output in block].
template <class Index>
std::vector<std::int32_t> block_sources(int rows, int run, int largest_block, bool taps, Index index) {
    std::vector<std::int32_t> source;
    source.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(run));
    for (int row = 0; row < rows;) {
        const int block = next_block(rows - row, largest_block, taps);
        for (int k = 0; k < run; ++k) {
            for (int r = 0; r < block; ++r)
                source.push_back(index(row + r, k));
        }
        row += block;
    }
    return source;
}

std::vector<std::int32_t> counting(int present, int stored) {
    std::vector<std::int32_t> source;
    for (int i = 0; i < stored; ++i)
        source.push_back(i < present ? i : -1);
    return source;
}

std::vector<std::int32_t> last_sources(const Plan& plan) {
    const FlattenedInput flattened = below(plan, plan.layers.size());
    std::vector<std::int32_t> source;
    for (int row = 0; row < plan.layers.back().out_rows(); ++row)
        source.push_back(flattened(row));
    return source;
}

} // namespace

Packing::Packing(const Plan& plan, int largest_block) : parameters_(2 * plan.layers.size() + 2) {
    const float inside = preactivation_scale(plan.activation);
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const Layer& layer = plan.layers[i];
        const bool scatters = i == 0 && plan.scatters();
        const int taps = layer.kernel * layer.kernel;
        const WeightIndex index(plan, i);
        pieces_.push_back(
            {2 * i, layer.forward_weights, inside,
             block_sources(layer.out_stored, layer.run(), largest_block, false, [&](int out, int k) {
                 return index(out, k % layer.in_stored, k / layer.in_stored);
             })});
        pieces_.push_back({2 * i + 1, layer.bias, inside, counting(layer.out_channels, layer.out_stored)});
        const int rows = backward_rows(layer, scatters, largest_block);
        if (scatters) {
            pieces_.push_back(
                {2 * i, layer.backward_weights, 1.0f,
                 block_sources(rows, layer.out_stored, largest_block, true, [&](int row, int out) {
                     const bool present = row < layer.in_channels * taps;
                     return present ? index(out, row % layer.in_channels, row / layer.in_channels) : -1;
                 })});
        } else {
            pieces_.push_back(
                {2 * i, layer.backward_weights, 1.0f,
                 block_sources(rows, taps * layer.out_stored, largest_block, false, [&](int in, int k) {
                     return index(k % layer.out_stored, in, k / layer.out_stored);
                 })});
        }
    }
    pieces_.push_back({parameters_ - 2, plan.last_weights, plan.output_scale, last_sources(plan)});
    pieces_.push_back({parameters_ - 1, plan.last_bias, plan.output_scale, {0}});
}

void Packing::pack(std::span<const float* const> parameters, float* packed, int threads) const {
    if (parameters.size() != parameters_) {
        throw Error("The network needs " + std::to_string(parameters_) + " parameter arrays and got " +
                        std::to_string(parameters.size()),
                    "network", "Pass weight and bias of every layer in order.");
    }
    parallel_for(static_cast<std::int64_t>(pieces_.size()), threads, [&](std::int64_t index) {
        const Piece& piece = pieces_[static_cast<std::size_t>(index)];
        const float* parameter = parameters[piece.parameter];
        float* destination = packed + piece.destination;
        for (const std::int32_t source : piece.source) {
            *destination++ = source < 0 ? 0.0f : piece.scale * parameter[source];
        }
    });
}

GradientSums::GradientSums(const Plan& plan, int weight_lanes) {
    const auto take = [&](std::int64_t count) {
        const std::int64_t offset = floats;
        floats += (count + 15) / 16 * 16;
        return offset;
    };
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const Layer& layer = plan.layers[i];
        const int stride = round_up(layer.out_stored, weight_lanes), taps = layer.kernel * layer.kernel;
        weights.push_back(take(static_cast<std::int64_t>(taps) * layer.in_stored * stride));
        biases.push_back(take(stride));
        const WeightIndex index(plan, i);
        std::vector<std::int32_t> places(static_cast<std::size_t>(layer.out_channels) * layer.in_channels *
                                         taps);
        for (int tap = 0; tap < taps; ++tap) {
            for (int in = 0; in < layer.in_stored; ++in) {
                for (int out = 0; out < layer.out_channels; ++out) {
                    const std::int32_t torch = index(out, in, tap);
                    const std::int64_t place =
                        weights[i] + (std::int64_t{tap} * layer.in_stored + in) * stride + out;
                    if (torch >= 0)
                        places[static_cast<std::size_t>(torch)] = static_cast<std::int32_t>(place);
                }
            }
        }
        source.push_back(std::move(places));
    }
    last_weights = take(plan.layers.back().out_rows());
    last_bias = take(1);
    const std::vector<std::int32_t> last = last_sources(plan);
    const Layer& top = plan.layers.back();
    std::vector<std::int32_t> places(static_cast<std::size_t>(top.out_channels) * top.out_height *
                                     top.out_width);
    for (std::size_t row = 0; row < last.size(); ++row) {
        if (last[row] >= 0)
            places[static_cast<std::size_t>(last[row])] = static_cast<std::int32_t>(last_weights + row);
    }
    source.push_back(std::move(places));
}

void GradientSums::unpack(const Plan& plan, const float* sums, std::span<float* const> gradients,
                          int threads) const {
    if (gradients.size() != 2 * source.size()) {
        throw Error("The network has " + std::to_string(2 * source.size()) + " parameter arrays and got " +
                        std::to_string(gradients.size()) + " for their gradients",
                    "network", "Pass weight and bias of every layer in order.");
    }
    parallel_for(static_cast<std::int64_t>(source.size()), threads, [&](std::int64_t index) {
        const auto i = static_cast<std::size_t>(index);
        const float scale = i + 1 < source.size() ? 1.0f : plan.output_scale;
        float* gradient = gradients[2 * i];
        for (const std::int32_t place : source[i])
            *gradient++ = scale * sums[place];
    });
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        std::copy_n(sums + biases[i], plan.layers[i].out_channels, gradients[2 * i + 1]);
    }
    *gradients.back() = plan.output_scale * sums[last_bias];
}

} // namespace ebm::kernels
