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

ConvNetSpec tutorial_conv_net(int channels, int height, int width, const std::vector<int>& filters,
                              int hidden, Activation activation) {
    ConvNetSpec spec{channels, height, width, {}, {}, activation};
    int in = channels, rows = height, columns = width;
    for (std::size_t i = 0; i < filters.size(); ++i) {
        const ConvLayer layer{in, filters[i], i == 0 ? 5 : 3, 2, i == 0 ? 4 : 1};
        spec.convolutions.push_back(layer);
        rows = (rows + 2 * layer.padding - layer.kernel) / layer.stride + 1;
        columns = (columns + 2 * layer.padding - layer.kernel) / layer.stride + 1;
        in = layer.out;
    }
    spec.linear = {{in * rows * columns, hidden}, {hidden, 1}};
    return spec;
}

Plan make_plan(const ConvNetSpec& spec) {
    require(spec.channels > 0 && spec.height > 0 && spec.width > 0, "The image has no pixels");
    require(!spec.linear.empty() && spec.linear.back().out == 1,
            "The last linear layer must have one output");
    Plan plan;
    plan.channels = spec.channels;
    plan.height = spec.height;
    plan.width = spec.width;
    plan.activation = spec.activation;

    int channels = spec.channels, stored = spec.channels, height = spec.height, width = spec.width;
    for (const ConvLayer& c : spec.convolutions) {
        require(c.in == channels, "A convolution has " + std::to_string(c.in) + " input channels where " +
                                      std::to_string(channels) + " arrive");
        require(c.out > 0 && c.kernel >= 1 && c.kernel <= 15 && c.stride >= 1 && c.padding >= 0 &&
                    c.padding < c.kernel,
                "A convolution has sizes out of range");
        require(height + 2 * c.padding >= c.kernel && width + 2 * c.padding >= c.kernel,
                "A convolution's kernel is larger than its input");
        Layer layer{channels, stored, height, width};
        layer.kernel = c.kernel;
        layer.stride = c.stride;
        layer.padding = c.padding;
        layer.out_channels = c.out;
        layer.out_height = (height + 2 * c.padding - c.kernel) / c.stride + 1;
        layer.out_width = (width + 2 * c.padding - c.kernel) / c.stride + 1;
        append(plan, layer);
        channels = c.out;
        stored = plan.layers.back().out_stored;
        height = layer.out_height;
        width = layer.out_width;
    }
    int inputs = channels * height * width, rows = stored * height * width;
    for (std::size_t i = 0; i < spec.linear.size(); ++i) {
        const LinearLayer& l = spec.linear[i];
        require(l.in == inputs, "A linear layer has " + std::to_string(l.in) + " inputs where " +
                                    std::to_string(inputs) + " arrive");
        require(l.out > 0, "A linear layer has no outputs");
        if (i + 1 == spec.linear.size()) break;
        Layer layer{inputs, rows};
        layer.out_channels = l.out;
        append(plan, layer);
        inputs = l.out;
        rows = plan.layers.back().out_stored;
    }
    require(!plan.layers.empty(), "The network has no hidden layer");
    assign_memory(plan);
    return plan;
}

Plan make_plan(const MlpSpec& spec) {
    ConvNetSpec layers{spec.inputs, 1, 1, {}, {}, spec.activation};
    int in = spec.inputs;
    for (const int width : spec.hidden) {
        layers.linear.push_back({in, width});
        in = width;
    }
    layers.linear.push_back({in, 1});
    require(spec.confinement >= 0, "The confinement is negative");
    Plan plan = make_plan(layers);
    plan.input_scale = spec.input_scale;
    plan.output_scale = spec.output_scale;
    plan.curvature = spec.confinement > 0 ? 1.0f / (spec.confinement * spec.confinement) : 0.0f;
    return plan;
}

} // namespace ebm::kernels
