#include "core/cuda/plan.h"

#include "core/base/error.h"
#include "core/kernels/plan.h"

namespace ebm::cuda {
namespace {

/// The shape without the choice of blocks.
Shape layers_of(const network::LayerStack& stack) {
    kernels::make_plan(stack); // refuses sizes out of range
    if (stack.layers.size() > most_layers)
        throw Error("The network has more than " + std::to_string(most_layers) + " hidden layers", "network",
                    "Use fewer layers, or compute on the CPU (--device cpu).");
    Shape shape = samples_of(stack.input.channels, stack.input.height, stack.input.width,
                             static_cast<int>(stack.activation));
    for (const network::StackLayer& layer : stack.layers) {
        if (layer.linear)
            append_linear(shape, layer.out.channels);
        else
            append_convolution(shape, layer.out.channels, layer.kernel, layer.stride, layer.padding);
    }
    return shape;
}

int bytes(const Shape& shape) {
    return 4 * block_layout(shape).shared_floats;
}

/// Samples of one position share each weight among a tile of 8; images are a block each. Shared memory holds
/// the weights if it can, else the activations.
void choose_blocks(Shape& shape, int shared_bytes) {
    const bool points = in_positions(shape.layers[0]) == 1;
    shape.tile = points ? 8 : 1;
    shape.threads = points ? 256 : 512;
    struct Choice {
        bool weights, values;
        int scratch;
    };
    for (const Choice& choice : {Choice{true, true, 8192}, Choice{false, true, 8192},
                                 Choice{false, true, 4096}, Choice{false, false, 8192}}) {
        shape.shared_weights = choice.weights;
        shape.shared_values = choice.values;
        shape.scratch = choice.scratch;
        if (bytes(shape) <= shared_bytes) return;
    }
    throw Error("The network needs more shared memory than a block of this card has", "network",
                "Compute on the CPU (--device cpu).");
}

void copy_blocks(Shape& shape, const Shape& blocks) {
    shape.threads = blocks.threads;
    shape.tile = blocks.tile;
    shape.shared_weights = blocks.shared_weights;
    shape.shared_values = blocks.shared_values;
    shape.scratch = blocks.scratch;
    shape.tf32 = blocks.tf32;
}

/// Fills the tables of layer l, whose weights are raw parameters from `raw` on.
void add_layer_tables(Plan& plan, const WeightLayout& layout, int l, int raw, float scale) {
    const Shape& shape = plan.shape;
    const Layer& layer = shape.layers[l];
    const int in = stored_in(shape, l), out = stored_out(shape, l), vector = vector_of(in);
    const int forward_stride = chunk_stride(in, out), forward_tap = in / vector * forward_stride;
    const int backward_stride = chunk_stride(4, in), backward_tap = out / 4 * backward_stride;
    for (int o = 0; o < layer.out_channels; ++o) {
        for (int i = 0; i < layer.in_channels; ++i) {
            for (int tap = 0; tap < taps(layer); ++tap) {
                const int forward = layout.forward[l] + tap * forward_tap + i / vector * forward_stride +
                                    vector * o + i % vector;
                plan.source[static_cast<std::size_t>(forward)] = raw;
                plan.scale[static_cast<std::size_t>(forward)] = scale;
                plan.place[static_cast<std::size_t>(raw)] = forward;
                plan.gradient_scale[static_cast<std::size_t>(raw)] = scale;
                if (!shape.shared_weights) {
                    const int backward =
                        layout.backward[l] + tap * backward_tap + o / 4 * backward_stride + 4 * i + o % 4;
                    plan.source[static_cast<std::size_t>(backward)] = raw;
                    plan.scale[static_cast<std::size_t>(backward)] = scale;
                }
                ++raw;
            }
        }
    }
}

void add_row_tables(Plan& plan, int place, int raw, float scale) {
    plan.source[static_cast<std::size_t>(place)] = raw;
    plan.scale[static_cast<std::size_t>(place)] = scale;
    plan.place[static_cast<std::size_t>(raw)] = place;
    plan.gradient_scale[static_cast<std::size_t>(raw)] = scale;
}

/// The scale of the input goes into the first weights and that of the energy into the last.
void fill_tables(Plan& plan, float input_scale, float output_scale) {
    const Shape& shape = plan.shape;
    const WeightLayout layout = weight_layout(shape);
    for (int l = 0; l < shape.layer_count; ++l) {
        const Layer& layer = shape.layers[l];
        plan.parameter_sizes.push_back(static_cast<std::size_t>(taps(layer)) * layer.in_channels *
                                       layer.out_channels);
        plan.parameter_sizes.push_back(static_cast<std::size_t>(layer.out_channels));
    }
    const int top = shape.layer_count - 1, positions = out_positions(shape.layers[top]);
    const int channels = shape.layers[top].out_channels;
    plan.parameter_sizes.push_back(static_cast<std::size_t>(channels) * positions);
    plan.parameter_sizes.push_back(1);
    for (const std::size_t size : plan.parameter_sizes)
        plan.raw_floats += size;
    plan.source.assign(static_cast<std::size_t>(layout.floats), -1);
    plan.scale.assign(static_cast<std::size_t>(layout.floats), 0.0f);
    plan.place.resize(plan.raw_floats);
    plan.gradient_scale.resize(plan.raw_floats);

    int raw = 0;
    for (int l = 0; l < shape.layer_count; ++l) {
        add_layer_tables(plan, layout, l, raw, l == 0 ? input_scale : 1.0f);
        raw += static_cast<int>(plan.parameter_sizes[static_cast<std::size_t>(2 * l)]);
        for (int o = 0; o < shape.layers[l].out_channels; ++o)
            add_row_tables(plan, layout.bias[l] + o, raw++, 1.0f);
    }
    for (int c = 0; c < channels; ++c) {
        for (int p = 0; p < positions; ++p)
            add_row_tables(plan, layout.last + p * stored_out(shape, top) + c, raw++, output_scale);
    }
    add_row_tables(plan, layout.last_bias, raw, output_scale);
}

Plan finish_plan(const Shape& shape, const network::LayerStack& stack) {
    Plan plan;
    plan.shape = shape;
    plan.curvature = stack.curvature;
    fill_tables(plan, stack.input_scale, stack.output_scale);
    return plan;
}

} // namespace

int Plan::shared_bytes() const {
    return bytes(shape);
}

double Plan::operations() const {
    double products = top_rows(shape);
    for (int l = 0; l < shape.layer_count; ++l) {
        const Layer& layer = shape.layers[l];
        products +=
            static_cast<double>(taps(layer)) * layer.in_channels * layer.out_channels * out_positions(layer);
    }
    return 4 * products;
}

Plan make_plan(const network::LayerStack& stack, int shared_bytes, bool tf32) {
    Shape shape = layers_of(stack);
    shape.tf32 = tf32;
    choose_blocks(shape, shared_bytes);
    return finish_plan(shape, stack);
}

Plan make_plan_on(const network::LayerStack& stack, const Shape& blocks) {
    Shape shape = layers_of(stack);
    copy_blocks(shape, blocks);
    return finish_plan(shape, stack);
}

std::string network_source(const Shape& shape) {
    std::string text;
    for (const int value : {shape.threads, shape.tile, shape.activation, shape.layer_count})
        text += std::to_string(value) + ", ";
    text += shape.shared_weights ? "true, " : "false, ";
    text += shape.shared_values ? "true, " : "false, ";
    text += std::to_string(shape.scratch) + ", {";
    for (int l = 0; l < shape.layer_count; ++l) {
        const Layer& layer = shape.layers[l];
        text += "{";
        for (const int value : {layer.in_channels, layer.in_height, layer.in_width, layer.out_channels,
                                layer.out_height, layer.out_width, layer.kernel_height, layer.kernel_width,
                                layer.stride_height, layer.stride_width, layer.padding})
            text += std::to_string(value) + ", ";
        text += "}, ";
    }
    text += shape.tf32 ? "}, true" : "}, false";
    return "namespace ebm::cuda { struct Network { static constexpr Shape shape = {" + text + "}; }; }\n";
}

} // namespace ebm::cuda
