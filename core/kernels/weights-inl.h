// Gradients with respect to the parameters on one tile. Included once per instruction set.
//
// The sum over samples runs along the lanes of a tile, which registers cannot add cheaply. So the rows of a
// layer are turned into [position][sample][channel], and the sums become products with the output channels
// along the lanes: one input, broadcast, times the gradients of a vector of outputs, summed over positions
// and samples.
#if defined(EBM_KERNELS_WEIGHTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_WEIGHTS_INL_H_
#undef EBM_KERNELS_WEIGHTS_INL_H_
#else
#define EBM_KERNELS_WEIGHTS_INL_H_
#endif

#include <cstring>

#include "core/kernels/network-inl.h"
#include "core/kernels/packing.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

// Register block: inputs × vectors of outputs.
#if HWY_TARGET == HWY_AVX3
constexpr int kWeightInputs = 16, kWeightVectors = 1;
#else
constexpr int kWeightInputs = 4, kWeightVectors = 2;
#endif
/// Output channels of turned rows and of the sums are rounded up to whole register blocks.
constexpr int kWeightLanes = kWeightVectors * kLanes;

/// rows [positions][channels][kTile] → turned [positions][kTile][stride], channels a multiple of 4, the rest
/// zero.
HWY_NOINLINE void turn(const float* rows, int positions, int channels, int stride, float* turned) {
    using Four = hn::FixedTag<float, 4>;
    const Four four;
    if (stride > channels) {
        std::memset(turned, 0, sizeof(float) * static_cast<std::size_t>(positions) * kTile * stride);
    }
    HWY_ALIGN float group[4][kLanes];
    for (int p = 0; p < positions; ++p) {
        for (int c = 0; c < channels; c += 4) {
            for (int v = 0; v < kVectors; ++v) {
                Vector row[4];
                for (int i = 0; i < 4; ++i)
                    row[i] = hn::Load(kFloat, rows + (c + i) * kTile + v * kLanes);
                transpose_groups(row);
                for (int j = 0; j < 4; ++j)
                    hn::Store(row[j], kFloat, group[j]);
                for (int sample = 0; sample < kLanes; ++sample) {
                    float* place = turned + (v * kLanes + sample) * stride + c;
                    hn::Store(hn::Load(four, group[sample % 4] + sample / 4 * 4), four, place);
                }
            }
        }
        rows += channels * kTile;
        turned += kTile * stride;
    }
}

/// Where the inputs of a product lie: input i of sample s at inputs + i·input_stride + s·sample_stride.
struct Turned {
    static constexpr int input_stride = 1;
};
struct Lanes {
    static constexpr int input_stride = kTile;
};

/// sums[i][o] += Σ_sample inputs[i] · outputs[o].
template <class Inputs, int count>
HWY_INLINE void accumulate_outer(const float* HWY_RESTRICT inputs, int sample_stride,
                                 const float* HWY_RESTRICT outputs, int out_stride, int samples,
                                 Vector (&sums)[count][kWeightVectors]) {
#pragma GCC unroll 2
    for (int sample = 0; sample < samples; ++sample) {
        Vector output[kWeightVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kWeightVectors; ++v)
            output[v] = hn::Load(kFloat, outputs + v * kLanes);
#pragma GCC unroll 32
        for (int i = 0; i < count; ++i) {
            const Vector input = constant(inputs[i * Inputs::input_stride]);
#pragma GCC unroll 4
            for (int v = 0; v < kWeightVectors; ++v)
                sums[i][v] = hn::MulAdd(input, output[v], sums[i][v]);
        }
        inputs += sample_stride;
        outputs += out_stride;
    }
}

/// The positions of one product: outputs [y_begin, y_end) × [x_begin, x_end) of a layer and the input that
/// each reads.
struct Window {
    int y_begin = 0, y_end = 1, x_begin = 0, x_end = 1;
    int out_width = 1;
    /// Floats: of the input of output (0, 0), and from there per output row and column.
    std::int64_t first_input = 0, input_row = 0, input_column = 0;
    int sample_stride = 1, out_stride = 0, samples = 0;
};

/// weights[i][o] += Σ over the window, for `count` inputs and all outputs.
template <class Inputs, int count>
HWY_INLINE void outer_block(const Window& window, const float* inputs, const float* outputs, float* weights) {
    for (int o = 0; o < window.out_stride; o += kWeightLanes) {
        Vector sums[count][kWeightVectors];
#pragma GCC unroll 32
        for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
            for (int v = 0; v < kWeightVectors; ++v) {
                sums[i][v] = hn::Load(kFloat, weights + i * window.out_stride + o + v * kLanes);
            }
        }
        for (int y = window.y_begin; y < window.y_end; ++y) {
            for (int x = window.x_begin; x < window.x_end; ++x) {
                const float* in =
                    inputs + window.first_input + y * window.input_row + x * window.input_column;
                const std::int64_t position = static_cast<std::int64_t>(y) * window.out_width + x;
                const float* out = outputs + position * kTile * window.out_stride + o;
                accumulate_outer<Inputs, count>(in, window.sample_stride, out, window.out_stride,
                                                window.samples, sums);
            }
        }
#pragma GCC unroll 32
        for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
            for (int v = 0; v < kWeightVectors; ++v) {
                hn::Store(sums[i][v], kFloat, weights + i * window.out_stride + o + v * kLanes);
            }
        }
    }
}

/// weights[i][o] for i in [0, count), any count.
template <class Inputs>
HWY_NOINLINE void outer_product(const Window& window, int count, const float* inputs, const float* outputs,
                                float* weights) {
    while (count > 0) {
        int done = 1;
        if (kWeightInputs >= 16 && count >= 16) {
            outer_block<Inputs, (kWeightInputs >= 16 ? 16 : 1)>(window, inputs, outputs, weights);
            done = 16;
        } else if (kWeightInputs >= 16 && count >= 8) {
            outer_block<Inputs, (kWeightInputs >= 16 ? 8 : 1)>(window, inputs, outputs, weights);
            done = 8;
        } else if (kWeightInputs >= 16 && count >= 5) {
            outer_block<Inputs, (kWeightInputs >= 16 ? 5 : 1)>(window, inputs, outputs, weights);
            done = 5;
        } else if (count >= 4) {
            outer_block<Inputs, 4>(window, inputs, outputs, weights);
            done = 4;
        } else if (count >= 2) {
            outer_block<Inputs, 2>(window, inputs, outputs, weights);
            done = 2;
        } else {
            outer_block<Inputs, 1>(window, inputs, outputs, weights);
        }
        count -= done;
        inputs += done * Inputs::input_stride;
        weights += done * window.out_stride;
    }
}

HWY_INLINE int ceiling_division(int a, int b) {
    return (a + b - 1) / b;
}

/// Outputs whose tap at `offset` = tap − padding falls inside an input of `size`.
HWY_INLINE Valid outputs_of_tap(int offset, int stride, int size, int outputs) {
    const int begin = offset < 0 ? ceiling_division(-offset, stride) : 0;
    const int last = size - 1 - offset < 0 ? -1 : (size - 1 - offset) / stride;
    return {begin, last + 1 < outputs ? last + 1 : outputs};
}

/// Sum of the turned gradients over positions and samples: the gradient of the bias.
HWY_INLINE void add_bias(const float* outputs, int positions, int out_stride, int samples, float* bias) {
    for (int o = 0; o < out_stride; o += kLanes) {
        Vector sum = hn::Load(kFloat, bias + o);
        for (int p = 0; p < positions; ++p) {
            const float* at = outputs + static_cast<std::int64_t>(p) * kTile * out_stride + o;
            for (int sample = 0; sample < samples; ++sample) {
                sum = hn::Add(sum, hn::Load(kFloat, at + sample * out_stride));
            }
        }
        hn::Store(sum, kFloat, bias + o);
    }
}

/// Memory of the functions below: what one tile turns, in floats.
struct TurnSpace {
    std::int64_t ring = 0, inputs = 0, outputs = 0;

    explicit TurnSpace(const Plan& plan) {
        for (std::size_t i = 0; i < plan.layers.size(); ++i) {
            const Layer& layer = plan.layers[i];
            const std::int64_t in = static_cast<std::int64_t>(layer.in_rows()) * kTile;
            const std::int64_t out = static_cast<std::int64_t>(layer.out_height) * layer.out_width * kTile *
                                     round_up(layer.out_stored, kWeightLanes);
            if (i > 0 && in > inputs) inputs = in;
            if (out > outputs) outputs = out;
        }
        if (plan.scatters()) {
            ring = static_cast<std::int64_t>(plan.ring_height()) * plan.ring_width() * plan.channels * kTile;
        }
    }
    std::int64_t floats() const { return ring + inputs + outputs; }
};

/// Adds the parameter gradients of layer 0 of a convolutional network, from the image with its zero padding
/// around it.
HWY_NOINLINE void add_first_convolution(const Plan& plan, const float* image, const float* outputs,
                                        int samples, float* ring, float* weights) {
    const Layer& layer = plan.layers.front();
    const int row_floats = plan.ring_width() * plan.channels * kTile,
              run = plan.width * plan.channels * kTile;
    const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(plan.ring_height()) * row_floats;
    std::memset(ring, 0, bytes);
    for (int y = 0; y < plan.height; ++y) {
        float* row = ring + (y + layer.padding) * row_floats + layer.padding * plan.channels * kTile;
        std::memcpy(row, image + y * run, sizeof(float) * static_cast<std::size_t>(run));
    }
    Window window;
    window.y_end = layer.out_height;
    window.x_end = layer.out_width;
    window.out_width = layer.out_width;
    window.input_row = static_cast<std::int64_t>(layer.stride) * row_floats;
    window.input_column = static_cast<std::int64_t>(layer.stride) * plan.channels * kTile;
    window.out_stride = round_up(layer.out_stored, kWeightLanes);
    window.samples = samples;
    const int inputs = layer.kernel * plan.channels; // of one kernel row
    for (int ky = 0; ky < layer.kernel; ++ky) {
        window.first_input = static_cast<std::int64_t>(ky) * row_floats;
        outer_product<Lanes>(window, inputs, ring, outputs, weights + ky * inputs * window.out_stride);
    }
}

/// Adds the parameter gradients of a convolution above layer 0, from turned inputs.
HWY_NOINLINE void add_convolution(const Layer& layer, const float* inputs, const float* outputs, int samples,
                                  float* weights) {
    const std::int64_t input_position = static_cast<std::int64_t>(kTile) * layer.in_stored;
    for (int tap = 0; tap < layer.kernel * layer.kernel; ++tap) {
        const int dy = tap / layer.kernel - layer.padding, dx = tap % layer.kernel - layer.padding;
        const Valid rows = outputs_of_tap(dy, layer.stride, layer.in_height, layer.out_height);
        const Valid columns = outputs_of_tap(dx, layer.stride, layer.in_width, layer.out_width);
        Window window;
        window.y_begin = rows.begin;
        window.y_end = rows.end;
        window.x_begin = columns.begin;
        window.x_end = columns.end;
        window.out_width = layer.out_width;
        window.first_input = (static_cast<std::int64_t>(dy) * layer.in_width + dx) * input_position;
        window.input_row = layer.stride * layer.in_width * input_position;
        window.input_column = layer.stride * input_position;
        window.sample_stride = layer.in_stored;
        window.out_stride = round_up(layer.out_stored, kWeightLanes);
        window.samples = samples;
        outer_product<Turned>(window, layer.in_stored, inputs, outputs,
                              weights + static_cast<std::int64_t>(tap) * layer.in_stored * window.out_stride);
    }
}

/// Adds the parameter gradients of a linear layer whose input is [positions][channels].
HWY_NOINLINE void add_linear(const Layer& layer, int positions, const float* inputs, const float* outputs,
                             int samples, float* weights) {
    const int channels = layer.in_stored / positions;
    Window window;
    window.sample_stride = channels;
    window.out_stride = round_up(layer.out_stored, kWeightLanes);
    window.samples = samples;
    for (int p = 0; p < positions; ++p) {
        window.first_input = static_cast<std::int64_t>(p) * kTile * channels;
        outer_product<Turned>(window, channels, inputs, outputs,
                              weights + static_cast<std::int64_t>(p) * channels * window.out_stride);
    }
}

/// Adds to `sums` the gradients of Σ_i coefficient_i·E_i of one tile. The scratch memory holds the values
/// and, in place of the derivatives, the gradients at the outputs of all layers, coefficients included.
HWY_NOINLINE void add_parameter_gradients(const Plan& plan, const GradientSums& layout, const float* inputs,
                                          const float* coefficients, int samples, const float* scratch,
                                          float* space, float* sums) {
    const TurnSpace sizes(plan);
    float *ring = space, *turned_inputs = ring + sizes.ring, *turned_outputs = turned_inputs + sizes.inputs;
    const float* top = scratch + plan.layers.back().values * kTile;
    for (int row = 0; row < plan.layers.back().out_rows(); ++row) {
        float sum = 0.0f;
        for (int i = 0; i < samples; ++i)
            sum += coefficients[i] * top[row * kTile + i];
        sums[layout.last_weights + row] += sum;
    }
    for (int i = 0; i < samples; ++i)
        sums[layout.last_bias] += coefficients[i];

    for (std::size_t i = plan.layers.size(); i-- > 0;) {
        const Layer& layer = plan.layers[i];
        const int positions = layer.out_height * layer.out_width;
        const int out_stride = round_up(layer.out_stored, kWeightLanes);
        float* weights = sums + layout.weights[i];
        turn(scratch + layer.derivatives * kTile, positions, layer.out_stored, out_stride, turned_outputs);
        add_bias(turned_outputs, positions, out_stride, samples, sums + layout.biases[i]);
        if (i == 0 && plan.scatters()) {
            add_first_convolution(plan, inputs, turned_outputs, samples, ring, weights);
            continue;
        }
        if (i == 0) {
            Window window;
            window.out_stride = out_stride;
            window.samples = samples;
            outer_product<Lanes>(window, layer.in_stored, inputs, turned_outputs, weights);
            continue;
        }
        const Layer& below = plan.layers[i - 1];
        const int below_positions = below.out_height * below.out_width;
        // A multiple of 4 channels and no padding, so that a block of inputs never crosses a position.
        turn(scratch + below.values * kTile, below_positions, below.out_stored, below.out_stored,
             turned_inputs);
        if (layer.linear()) {
            add_linear(layer, below_positions, turned_inputs, turned_outputs, samples, weights);
        } else {
            add_convolution(layer, turned_inputs, turned_outputs, samples, weights);
        }
    }
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
