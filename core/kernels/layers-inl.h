// Layers of a network on one tile: values, derivatives and the gradient with respect to the input. Included
// once per instruction set. All products are direct: a block of outputs stays in registers while it runs over
// its inputs.
#if defined(EBM_KERNELS_LAYERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_LAYERS_INL_H_
#undef EBM_KERNELS_LAYERS_INL_H_
#else
#define EBM_KERNELS_LAYERS_INL_H_
#endif

#include "core/kernels/plan.h"
#include "core/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

template <int block>
struct Sums {
    Vector v[block][kVectors];
};

/// sums[r] += Σ_k weights[k][r] · inputs[k].
template <int block>
HWY_INLINE void accumulate(const float* HWY_RESTRICT weights, const float* HWY_RESTRICT inputs, int count,
                           Sums<block>& sums) {
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) {
        Vector input[kVectors];
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v)
            input[v] = hn::Load(kFloat, inputs + v * kLanes);
#pragma GCC unroll 32
        for (int r = 0; r < block; ++r) {
            const Vector weight = constant(weights[r]);
#pragma GCC unroll 8
            for (int v = 0; v < kVectors; ++v)
                sums.v[r][v] = hn::MulAdd(weight, input[v], sums.v[r][v]);
        }
        weights += block;
        inputs += kTile;
    }
}

template <int block>
HWY_INLINE void start(const float* bias, Sums<block>& sums) {
#pragma GCC unroll 32
    for (int r = 0; r < block; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v)
            sums.v[r][v] = bias ? constant(bias[r]) : hn::Zero(kFloat);
    }
}

/// Values and, if asked for, derivatives of `block` outputs of a layer, from `row` on, at all positions.
template <int block, class Function, bool differentiate>
HWY_INLINE void forward_block(const Layer& layer, const float* weights, const float* bias,
                              const float* inputs, int row, float* values, float* derivatives) {
    for (int y = 0; y < layer.out_height; ++y) {
        const Valid rows = valid_taps(y, layer.stride, layer.padding, layer.kernel, layer.in_height);
        for (int x = 0; x < layer.out_width; ++x) {
            const Valid columns = valid_taps(x, layer.stride, layer.padding, layer.kernel, layer.in_width);
            const int run = (columns.end - columns.begin) * layer.in_stored;
            Sums<block> sums;
            start<block>(bias, sums);
            for (int ky = rows.begin; ky < rows.end; ++ky) {
                const int in_y = y * layer.stride - layer.padding + ky;
                const int in_x = x * layer.stride - layer.padding + columns.begin;
                const std::int64_t tap = (ky * layer.kernel + columns.begin) * layer.in_stored;
                const std::int64_t in_row = (in_y * layer.in_width + in_x) * layer.in_stored;
                accumulate<block>(weights + tap * block, inputs + in_row * kTile, run, sums);
            }
            const std::int64_t out = ((y * layer.out_width + x) * layer.out_stored + row) * kTile;
#pragma GCC unroll 32
            for (int r = 0; r < block; ++r) {
#pragma GCC unroll 8
                for (int v = 0; v < kVectors; ++v) {
                    Vector value, derivative;
                    Function::apply(sums.v[r][v], value, derivative);
                    hn::Store(value, kFloat, values + out + r * kTile + v * kLanes);
                    if (!differentiate) continue;
                    hn::Store(derivative, kFloat, derivatives + out + r * kTile + v * kLanes);
                }
            }
        }
    }
}

template <class Function, bool differentiate>
HWY_NOINLINE void forward_layer(const Layer& layer, const float* packed, const float* inputs, float* values,
                                float* derivatives) {
    for (int row = 0; row < layer.out_stored;) {
        const int block = next_block(layer.out_stored - row, kLargestBlock, false);
        const float* weights = packed + layer.forward_weights + static_cast<std::int64_t>(row) * layer.run();
        const float* bias = packed + layer.bias + row;
        if (kLargestBlock >= 16 && block == 16) {
            forward_block<(kLargestBlock >= 16 ? 16 : 4), Function, differentiate>(
                layer, weights, bias, inputs, row, values, derivatives);
        } else if (kLargestBlock >= 8 && block == 8) {
            forward_block<(kLargestBlock >= 8 ? 8 : 4), Function, differentiate>(layer, weights, bias, inputs,
                                                                                 row, values, derivatives);
        } else {
            forward_block<4, Function, differentiate>(layer, weights, bias, inputs, row, values, derivatives);
        }
        row += block;
    }
}

template <class Function>
HWY_INLINE void forward_layer(const Layer& layer, const float* packed, const float* inputs, float* values,
                              float* derivatives) {
    if (derivatives) {
        forward_layer<Function, true>(layer, packed, inputs, values, derivatives);
    } else {
        forward_layer<Function, false>(layer, packed, inputs, values, nullptr);
    }
}

/// derivatives may be null.
HWY_INLINE void forward_layer(Activation activation, const Layer& layer, const float* packed,
                              const float* inputs, float* values, float* derivatives) {
    switch (activation) {
    case Activation::silu:
        return forward_layer<Silu>(layer, packed, inputs, values, derivatives);
    case Activation::softplus:
        return forward_layer<Softplus>(layer, packed, inputs, values, derivatives);
    case Activation::tanh:
        return forward_layer<Tanh>(layer, packed, inputs, values, derivatives);
    case Activation::relu:
        return forward_layer<Relu>(layer, packed, inputs, values, derivatives);
    case Activation::leaky_relu:
        return forward_layer<LeakyRelu>(layer, packed, inputs, values, derivatives);
    case Activation::gelu:
        return forward_layer<Gelu>(layer, packed, inputs, values, derivatives);
    }
}

/// Gradient at `block` input channels of a layer, from `row` on, at all positions, gathered over the outputs
/// that read them. `below` holds the derivatives of the layer below and is multiplied in place; with `store`
/// it is overwritten.
template <int block>
HWY_INLINE void backward_block(const Layer& layer, const float* weights, const float* gradients, int row,
                               bool store, float* below) {
    for (int y = 0; y < layer.in_height; ++y) {
        for (int x = 0; x < layer.in_width; ++x) {
            Sums<block> sums;
            start<block>(nullptr, sums);
            for (int ky = (y + layer.padding) % layer.stride; ky < layer.kernel; ky += layer.stride) {
                const int out_y = (y + layer.padding - ky) / layer.stride;
                if (y + layer.padding < ky) break;
                if (out_y >= layer.out_height) continue;
                for (int kx = (x + layer.padding) % layer.stride; kx < layer.kernel; kx += layer.stride) {
                    const int out_x = (x + layer.padding - kx) / layer.stride;
                    if (x + layer.padding < kx) break;
                    if (out_x >= layer.out_width) continue;
                    const std::int64_t tap = (ky * layer.kernel + kx) * layer.out_stored;
                    const std::int64_t out_row = (out_y * layer.out_width + out_x) * layer.out_stored;
                    accumulate<block>(weights + tap * block, gradients + out_row * kTile, layer.out_stored,
                                      sums);
                }
            }
            float* at = below + ((y * layer.in_width + x) * layer.in_stored + row) * kTile;
#pragma GCC unroll 32
            for (int r = 0; r < block; ++r) {
#pragma GCC unroll 8
                for (int v = 0; v < kVectors; ++v) {
                    float* place = at + r * kTile + v * kLanes;
                    const Vector sum = sums.v[r][v];
                    hn::Store(store ? sum : hn::Mul(sum, hn::Load(kFloat, place)), kFloat, place);
                }
            }
        }
    }
}

/// Gradient at up to 4 inputs of a first linear layer. So few sums would wait for each other, so each is kept
/// in parts.
HWY_NOINLINE void backward_narrow(const Layer& layer, const float* weights, const float* gradients,
                                  float* below) {
    constexpr int parts = kVectors == 1 ? 4 : 2; // divides out_stored
    Sums<4> sums[parts];
    for (int i = 0; i < parts; ++i)
        start<4>(nullptr, sums[i]);
    for (int k = 0; k < layer.out_stored; k += parts) {
#pragma GCC unroll 4
        for (int i = 0; i < parts; ++i) {
            accumulate<4>(weights + (k + i) * 4, gradients + static_cast<std::int64_t>(k + i) * kTile, 1,
                          sums[i]);
        }
    }
    for (int r = 0; r < 4; ++r) {
        for (int v = 0; v < kVectors; ++v) {
            Vector sum = sums[0].v[r][v];
            for (int i = 1; i < parts; ++i)
                sum = hn::Add(sum, sums[i].v[r][v]);
            hn::Store(sum, kFloat, below + r * kTile + v * kLanes);
        }
    }
}

HWY_NOINLINE void backward_layer(const Layer& layer, const float* packed, const float* gradients, bool store,
                                 float* below) {
    const std::int64_t run = static_cast<std::int64_t>(layer.kernel) * layer.kernel * layer.out_stored;
    const int all = backward_rows(layer, false, kLargestBlock);
    for (int row = 0; row < all;) {
        const int block = next_block(all - row, kLargestBlock, false);
        const float* weights = packed + layer.backward_weights + row * run;
        if (kLargestBlock >= 16 && block == 16) {
            backward_block<(kLargestBlock >= 16 ? 16 : 4)>(layer, weights, gradients, row, store, below);
        } else if (kLargestBlock >= 8 && block == 8) {
            backward_block<(kLargestBlock >= 8 ? 8 : 4)>(layer, weights, gradients, row, store, below);
        } else {
            backward_block<4>(layer, weights, gradients, row, store, below);
        }
        row += block;
    }
}

/// Gradient at the image, scattered: each output position adds to all its taps. `ring` is the image with its
/// zero padding around it, [row][column][channel], and is set to zero first.
template <int block>
HWY_INLINE void scatter_block(const Plan& plan, const float* weights, const float* gradients, int row,
                              int rows, float* ring) {
    const Layer& layer = plan.layers.front();
    const int ring_width = plan.ring_width(), channels = plan.channels;
    std::int64_t offset[block];
    for (int r = 0; r < block; ++r) {
        const int tap = (row + r) / channels, channel = (row + r) % channels;
        offset[r] = (((tap / layer.kernel) * ring_width + tap % layer.kernel) * channels + channel) * kTile;
    }
    const int present = rows - row < block ? rows - row : block;
    for (int y = 0; y < layer.out_height; ++y) {
        for (int x = 0; x < layer.out_width; ++x) {
            Sums<block> sums;
            start<block>(nullptr, sums);
            const std::int64_t out_row = (y * layer.out_width + x) * layer.out_stored;
            accumulate<block>(weights, gradients + out_row * kTile, layer.out_stored, sums);
            float* at = ring + (y * layer.stride * ring_width + x * layer.stride) * channels * kTile;
#pragma GCC unroll 32
            for (int r = 0; r < block; ++r) {
                if (r >= present) break;
#pragma GCC unroll 8
                for (int v = 0; v < kVectors; ++v) {
                    float* place = at + offset[r] + v * kLanes;
                    hn::Store(hn::Add(hn::Load(kFloat, place), sums.v[r][v]), kFloat, place);
                }
            }
        }
    }
}

HWY_NOINLINE void scatter_layer(const Plan& plan, const float* packed, const float* gradients, float* ring) {
    const Layer& layer = plan.layers.front();
    const std::int64_t floats =
        static_cast<std::int64_t>(plan.ring_height()) * plan.ring_width() * plan.channels * kTile;
    for (std::int64_t i = 0; i < floats; i += kLanes)
        hn::Store(hn::Zero(kFloat), kFloat, ring + i);
    const int all = backward_rows(layer, true, kLargestBlock),
              rows = layer.in_channels * layer.kernel * layer.kernel;
    for (int row = 0; row < all;) {
        const int block = next_block(all - row, kLargestBlock, true);
        const float* weights =
            packed + layer.backward_weights + static_cast<std::int64_t>(row) * layer.out_stored;
        if (kLargestBlock >= 16 && block == 25) {
            scatter_block<(kLargestBlock >= 16 ? 25 : 4)>(plan, weights, gradients, row, rows, ring);
        } else if (kLargestBlock >= 16 && block == 16) {
            scatter_block<(kLargestBlock >= 16 ? 16 : 4)>(plan, weights, gradients, row, rows, ring);
        } else if (kLargestBlock >= 8 && block == 8) {
            scatter_block<(kLargestBlock >= 8 ? 8 : 4)>(plan, weights, gradients, row, rows, ring);
        } else {
            scatter_block<4>(plan, weights, gradients, row, rows, ring);
        }
        row += block;
    }
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
