#include "core/kernels/plan.h"

#include "core/base/error.h"

#include <string>

namespace ebm::kernels {
namespace {

void require(bool condition, const std::string& what_happened) {
    if (!condition) throw Error(what_happened, "network", "Correct the layer sizes of the model.");
}

/// Appends a layer whose input shape, kernel and output shape are set.
void append(Plan& plan, Layer layer) {
    layer.out_stored = round_up(layer.out_channels, 4);
    plan.layers.push_back(layer);
}

void assign_memory(Plan& plan) {
    std::int64_t floats = 0, rows = 0;
    const auto take_floats = [&](std::int64_t count) {
        const std::int64_t offset = floats;
        floats += (count + 15) / 16 * 16;
        return offset;
    };
    const auto take_rows = [&](std::int64_t count) {
        const std::int64_t offset = rows;
        rows += count;
        return offset;
    };
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        Layer& layer = plan.layers[i];
        const bool scatters = i == 0 && plan.scatters();
        const std::int64_t taps = scatters ? 1 : static_cast<std::int64_t>(layer.kernel) * layer.kernel;
        layer.forward_weights = take_floats(static_cast<std::int64_t>(layer.out_stored) * layer.run());
        layer.bias = take_floats(layer.out_stored);
        layer.backward_weights = take_floats(backward_rows(layer, scatters, 4) * taps * layer.out_stored);
        layer.values = take_rows(layer.out_rows());
        layer.derivatives = take_rows(layer.out_rows());
    }
    plan.last_weights = take_floats(plan.layers.back().out_rows());
    plan.last_bias = take_floats(1);
    plan.packed_floats = floats;
    plan.scaled_input = take_rows(plan.elements());
    plan.input_gradient = take_rows(plan.scatters() ? plan.ring_height() * plan.ring_width() * plan.channels
                                                    : round_up(plan.elements(), 4));
    plan.scratch_rows = rows;

    plan.position.resize(plan.elements());
    for (int c = 0; c < plan.channels; ++c) {
        for (int i = 0; i < plan.height * plan.width; ++i) {
            plan.position[c * plan.height * plan.width + i] = i * plan.channels + c;
        }
    }
}

} // namespace

Plan make_plan(const network::LayerStack& stack) {
    Plan plan;
    plan.channels = stack.input.channels;
    plan.height = stack.input.height;
    plan.width = stack.input.width;
    plan.activation = stack.activation;
    plan.input_scale = stack.input_scale;
    plan.output_scale = stack.output_scale;
    plan.curvature = stack.curvature;
    require(plan.elements() > 0, "A sample of the network has no elements");

    int stored = stack.input.channels; // of a position of what arrives
    for (const network::StackLayer& l : stack.layers) {
        require(l.out.channels > 0, "A layer of the network has no outputs");
        Layer layer;
        if (l.linear) {
            layer.in_channels = static_cast<int>(l.in.elements());
            layer.in_stored = stored * l.in.height * l.in.width;
        } else {
            constexpr int largest_kernel = 15;
            require(l.kernel <= largest_kernel, "A convolution's kernel is larger than 15 × 15");
            layer.in_channels = l.in.channels;
            layer.in_stored = stored;
            layer.in_height = l.in.height;
            layer.in_width = l.in.width;
            layer.kernel = l.kernel;
            layer.stride = l.stride;
            layer.padding = l.padding;
            layer.out_height = l.out.height;
            layer.out_width = l.out.width;
        }
        layer.out_channels = l.out.channels;
        append(plan, layer);
        stored = plan.layers.back().out_stored;
    }
    assign_memory(plan);
    return plan;
}

} // namespace ebm::kernels
