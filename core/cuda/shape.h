#pragma once

/// How a network is laid out for the GPU kernels. Compiled by the host's compiler and by NVRTC, which knows
/// no standard library; everything is constexpr, so that in a kernel each size is a constant.
///
/// A block of threads owns a tile of samples over all steps. Every map of activations is
/// [sample][y][x][channel] with the channels of one position side by side and positions `row_stride` floats
/// apart. A linear layer is a convolution whose kernel covers its whole input, so one kind of layer serves
/// MLPs and ConvNets.
namespace ebm::cuda {

constexpr int most_layers = 12;

/// A convolution that is followed by the activation.
struct Layer {
    int in_channels = 0, in_height = 0, in_width = 0;
    int out_channels = 0, out_height = 0, out_width = 0;
    int kernel_height = 0, kernel_width = 0, stride_height = 0, stride_width = 0, padding = 0;
};

/// The layers up to the linear one that gives the energy, and how a block works on them.
struct Shape {
    int threads;         ///< of a block
    int tile;            ///< samples of a block, at most threads
    int activation;      ///< ebm::Activation
    int layer_count;     ///< 1 … most_layers
    bool shared_weights; ///< one copy of the weights in shared memory, else two in global memory
    bool shared_values;  ///< activations in shared memory, else in a workspace in global memory
    int scratch;         ///< floats of shared memory for partial sums; ≥ most_sums · threads
    Layer layers[most_layers];
    /// Products that are whole fragments run on the tensor cores, which round both factors to TF32, ten bits.
    /// A block then has whole warps.
    bool tf32 = false;
};

constexpr int round_up(int count, int multiple) {
    return (count + multiple - 1) / multiple * multiple;
}
constexpr int smaller(int a, int b) {
    return a < b ? a : b;
}

// ---- Rows of channels
// --------------------------------------------------------------------------------------

/// Channels are stored in fours, filled up with zero weights. Samples of fewer than four channels are stored
/// as they are.
constexpr int stored_channels(int channels, bool sample) {
    return sample && channels < 4 ? channels : round_up(channels, 4);
}
constexpr int stored_in(const Shape& shape, int layer) {
    return stored_channels(shape.layers[layer].in_channels, layer == 0);
}
constexpr int stored_out(const Shape& shape, int layer) {
    return stored_channels(shape.layers[layer].out_channels, false);
}

/// Floats between neighbouring positions: an odd number of fours, so that threads which read neighbouring
/// positions meet no bank conflict.
constexpr int row_stride(int stored) {
    if (stored % 4 != 0) return stored;
    return stored / 4 % 2 ? stored : stored + 4;
}

constexpr int in_positions(const Layer& layer) {
    return layer.in_height * layer.in_width;
}
constexpr int out_positions(const Layer& layer) {
    return layer.out_height * layer.out_width;
}
constexpr int taps(const Layer& layer) {
    return layer.kernel_height * layer.kernel_width;
}

/// Elements of a sample.
constexpr int elements(const Shape& shape) {
    return shape.layers[0].in_channels * in_positions(shape.layers[0]);
}
/// Floats of a stored sample.
constexpr int sample_floats(const Shape& shape) {
    return round_up(in_positions(shape.layers[0]) * row_stride(stored_in(shape, 0)), 4);
}
/// Inputs of the linear layer to the energy, stored.
constexpr int top_rows(const Shape& shape) {
    return out_positions(shape.layers[shape.layer_count - 1]) * stored_out(shape, shape.layer_count - 1);
}

// ---- Weights
// -----------------------------------------------------------------------------------------------

/// Forward weights are [tap][input / vector][output][vector], vector = 4 or, for samples of fewer than four
/// channels, 1. Backward weights are the same with inputs and outputs exchanged; where the weights are in
/// shared memory the forward ones serve both directions. The gap after each run of outputs keeps that free of
/// bank conflicts.
constexpr int vector_of(int stored) {
    return stored % 4 == 0 ? 4 : 1;
}
constexpr int chunk_stride(int inputs, int outputs) {
    return vector_of(inputs) == 4 ? 4 * outputs + 4 : outputs;
}

struct WeightLayout {
    int forward[most_layers] = {}, bias[most_layers] = {}, backward[most_layers] = {};
    int last = 0; ///< [position][stored channel] of the top layer
    int last_bias = 0;
    int forward_floats = 0; ///< everything but the backward weights; also the layout of parameter gradients
    int floats = 0;
};

constexpr WeightLayout weight_layout(const Shape& shape) {
    WeightLayout layout;
    int next = 0;
    for (int l = 0; l < shape.layer_count; ++l) {
        const int in = stored_in(shape, l), out = stored_out(shape, l);
        layout.forward[l] = next;
        next += taps(shape.layers[l]) * (in / vector_of(in)) * chunk_stride(in, out);
        layout.bias[l] = next;
        next += out;
    }
    layout.last = next;
    next += top_rows(shape);
    layout.last_bias = next;
    next += 4;
    layout.forward_floats = next;
    for (int l = 0; l < shape.layer_count && !shape.shared_weights; ++l) {
        layout.backward[l] = next;
        next += taps(shape.layers[l]) * (stored_out(shape, l) / 4) * chunk_stride(4, stored_in(shape, l));
        next = round_up(next, 4);
    }
    layout.floats = next;
    return layout;
}

// ---- Memory of a block
// -------------------------------------------------------------------------------------

/// Most numbers per chain that are summed over its threads at once, and the length of the second round.
constexpr int most_sums = 4, second_sums = 16;
constexpr int tally_floats = 24; ///< a Tally, see arguments.h

/// Offsets in floats. The first group lies in shared memory. The second lies behind it, or in the workspace.
struct BlockLayout {
    int weights = 0, scratch = 0, sums = 0, energies = 0, proposal_energies = 0, flags = 0, tallies = 0;
    int always_shared = 0;

    int state = 0, point = 0, proposal = 0, gradient = 0; ///< [sample][position][channel]
    int values[most_layers] = {}, derivatives[most_layers] = {};
    int zeros = 0;
    int values_floats = 0;

    int shared_floats = 0, workspace_floats = 0;
};

constexpr BlockLayout block_layout(const Shape& shape) {
    BlockLayout layout;
    int next = 0, widest = row_stride(stored_in(shape, 0));
    const int per_sample = round_up(shape.tile, 4);
    layout.weights = next;
    next += shape.shared_weights ? weight_layout(shape).forward_floats : 0;
    layout.scratch = next;
    next += shape.scratch;
    layout.sums = next;
    next += most_sums * second_sums * shape.tile;
    layout.energies = next;
    next += per_sample;
    layout.proposal_energies = next;
    next += per_sample;
    layout.flags = next;
    next += per_sample;
    layout.tallies = next;
    next += tally_floats * shape.tile;
    layout.always_shared = next;

    next = 0;
    layout.state = next;
    next += shape.tile * sample_floats(shape);
    layout.point = next;
    next += shape.tile * sample_floats(shape);
    layout.proposal = next;
    next += shape.tile * sample_floats(shape);
    layout.gradient = next;
    next += shape.tile * sample_floats(shape);
    for (int l = 0; l < shape.layer_count; ++l) {
        const int stride = row_stride(stored_out(shape, l));
        const int floats = shape.tile * out_positions(shape.layers[l]) * stride;
        layout.values[l] = next;
        layout.derivatives[l] = next + floats;
        next += 2 * floats;
        if (stride > widest) widest = stride;
    }
    layout.zeros = next;
    next += round_up(widest, 4);
    layout.values_floats = next;
    layout.shared_floats = layout.always_shared + (shape.shared_values ? next : 0);
    layout.workspace_floats = shape.shared_values ? 0 : next;
    return layout;
}

// ---- Products
// ----------------------------------------------------------------------------------------------

/// One product of a layer: results[position][output] = Σ over taps and inner channels of weight · source.
/// Forward the results are the outputs of the layer, backward the gradients at its inputs. Backward,
/// positions that lie in the same place relative to the stride form a class: they read the same taps.
///
/// A task is `per_thread` outputs at `positions` positions, over a share of the inner channels and of the
/// taps. It is the work of one thread, or on the tensor cores of the 32 threads of a warp.
struct Product {
    int vector, chunks, inner_stride;        ///< inner channels: fours, or single ones
    int outputs, per_thread, blocks;         ///< outputs = per_thread · blocks
    int source_height, source_width;         ///< map that is read
    int result_height, result_width;         ///< map that is written
    int classes_y, classes_x, rows, columns; ///< positions of the largest class
    int taps_y, taps_x;                      ///< of the class with most
    int positions = 1, groups = 1;           ///< per sample tile and class: groups of `positions`
    int chunk_splits = 1, tap_splits = 1;
    bool fragments = false; ///< on the tensor cores

    constexpr int splits() const { return chunk_splits * tap_splits; }
    constexpr int tasks() const { return blocks * groups * splits() * classes_y * classes_x; }
};

/// Fragments of the tensor cores: outputs × inner channels times inner channels × positions.
constexpr int warp_threads = 32, fragment_outputs = 16, fragment_inner = 8, fragment_positions = 8;

/// Splits the sums until every thread, or every warp, has a task; false if that is impossible. The partial
/// sums must fit the scratch memory.
constexpr bool split(Product& product, const Shape& shape) {
    const int results = shape.tile * product.result_height * product.result_width * product.outputs;
    const auto fits = [&](int splits) { return splits == 1 || splits * results <= shape.scratch; };
    product.chunk_splits = product.tap_splits = 1;
    const int workers = product.fragments ? shape.threads / warp_threads : shape.threads;
    const int least_chunks = product.fragments ? 2 : 1; // of a task
    while (product.tasks() < workers) {
        if (product.chunks % (2 * least_chunks * product.chunk_splits) == 0 && fits(2 * product.splits())) {
            product.chunk_splits *= 2;
        } else if (2 * product.tap_splits <= product.taps_y * product.taps_x && fits(2 * product.splits())) {
            product.tap_splits *= 2;
        } else {
            return false;
        }
    }
    return true;
}

constexpr Product make_product(const Shape& shape, int l, bool backward) {
    const Layer& layer = shape.layers[l];
    Product p{};
    const int inner = backward ? stored_out(shape, l) : stored_in(shape, l);
    p.vector = vector_of(inner);
    p.chunks = inner / p.vector;
    p.inner_stride = row_stride(inner);
    p.outputs = backward ? stored_in(shape, l) : stored_out(shape, l);
    p.per_thread = p.outputs % 4 == 0 ? 4 : p.outputs;
    p.blocks = p.outputs / p.per_thread;
    p.source_height = backward ? layer.out_height : layer.in_height;
    p.source_width = backward ? layer.out_width : layer.in_width;
    p.result_height = backward ? layer.in_height : layer.out_height;
    p.result_width = backward ? layer.in_width : layer.out_width;
    p.classes_y = backward ? smaller(layer.stride_height, layer.in_height) : 1;
    p.classes_x = backward ? smaller(layer.stride_width, layer.in_width) : 1;
    p.rows = (p.result_height + p.classes_y - 1) / p.classes_y;
    p.columns = (p.result_width + p.classes_x - 1) / p.classes_x;
    p.taps_y = backward ? (layer.kernel_height + layer.stride_height - 1) / layer.stride_height
                        : layer.kernel_height;
    p.taps_x =
        backward ? (layer.kernel_width + layer.stride_width - 1) / layer.stride_width : layer.kernel_width;
    const int all = shape.tile * p.rows * p.columns;
    p.fragments = shape.tf32 && inner % fragment_inner == 0 && p.outputs % fragment_outputs == 0;
    if (p.fragments) {
        p.per_thread = fragment_outputs;
        p.blocks = p.outputs / fragment_outputs;
        p.positions = fragment_positions;
        p.groups = (all + p.positions - 1) / p.positions;
        split(p, shape);
        return p;
    }
    for (p.positions = 8;; p.positions /= 2) {
        p.groups = (all + p.positions - 1) / p.positions;
        if (p.positions == 1) break;
        if (p.positions <= all && split(p, shape)) return p;
    }
    split(p, shape);
    return p;
}

} // namespace ebm::cuda
