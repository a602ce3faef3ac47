// Products of a network graph: channels along the lanes, a block of columns × channels in registers. Included
// once per instruction set. Layouts: graph_plan.h.
#if defined(EBM_KERNELS_GRAPH_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_GRAPH_PRODUCTS_INL_H_
#undef EBM_KERNELS_GRAPH_PRODUCTS_INL_H_
#else
#define EBM_KERNELS_GRAPH_PRODUCTS_INL_H_
#endif

#include "core/kernels/graph_plan.h"
#include "core/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

// Register blocks: columns × two vectors of channels for values, inputs × two vectors of outputs for the
// gradients of weights; two registers hold the vectors that are read, one a broadcast.
#if HWY_TARGET == HWY_AVX3
constexpr int kColumns = 14, kInputs = 12;
#elif HWY_TARGET == HWY_AVX2
constexpr int kColumns = 6, kInputs = 6;
#elif HWY_TARGET == HWY_NEON
constexpr int kColumns = 8, kInputs = 8;
#else
constexpr int kColumns = 4, kInputs = 4;
#endif

/// One convolution between two tensors, or a linear layer as one of 1 × 1. Strides are in floats.
struct Product {
    int kernel = 1, padding = 0, height = 1, width = 1;
    int in_blocks = 1, out_blocks = 1;
    std::int64_t in_block = 0, in_row = 0, out_block = 0, out_row = 0;
    const float* in = nullptr; ///< the leftmost column that the first output column reads, at row 0
    float* out = nullptr;      ///< first column of row 0
    const float* weights = nullptr;
    bool add = false; ///< to what is at `out`
};

HWY_INLINE Valid kernel_rows(const Product& product, int y) {
    return valid_taps(y, 1, product.padding, product.kernel, product.height);
}

/// `columns` columns of `vectors` blocks of outputs; `pitch`: lanes of a block of inputs.
template <int pitch, int columns, int vectors>
HWY_NOINLINE void multiply_block(const Product& product, const float* in, Valid rows, const float* weights,
                                 float* out) {
    Vector sums[columns][vectors];
#pragma GCC unroll 16
    for (int c = 0; c < columns; ++c) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v)
            sums[c][v] =
                product.add ? hn::Load(kFloat, out + v * product.out_block + c * kLanes) : hn::Zero(kFloat);
    }
    const int run = product.kernel * pitch;
    for (int ky = rows.begin; ky < rows.end; ++ky) {
        const float* HWY_RESTRICT weight =
            weights + std::int64_t{ky} * product.in_blocks * run * vectors * kLanes;
        const float* row = in + ky * product.in_row;
        for (int block = 0; block < product.in_blocks; ++block) {
            const float* HWY_RESTRICT input = row + block * product.in_block;
#pragma GCC unroll 2
            for (int k = 0; k < run; ++k) {
                Vector w[vectors];
#pragma GCC unroll 2
                for (int v = 0; v < vectors; ++v)
                    w[v] = hn::Load(kFloat, weight + v * kLanes);
#pragma GCC unroll 16
                for (int c = 0; c < columns; ++c) {
                    const Vector x = constant(input[c * pitch]);
#pragma GCC unroll 2
                    for (int v = 0; v < vectors; ++v)
                        sums[c][v] = hn::MulAdd(x, w[v], sums[c][v]);
                }
                weight += vectors * kLanes;
                ++input;
            }
        }
    }
#pragma GCC unroll 16
    for (int c = 0; c < columns; ++c) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v)
            hn::Store(sums[c][v], kFloat, out + v * product.out_block + c * kLanes);
    }
}

template <int pitch, int vectors, int columns = kColumns>
HWY_INLINE void multiply_columns(int count, const Product& product, const float* in, Valid rows,
                                 const float* weights, float* out) {
    if constexpr (columns > 1) {
        if (count < columns)
            return multiply_columns<pitch, vectors, columns - 1>(count, product, in, rows, weights, out);
    }
    multiply_block<pitch, columns, vectors>(product, in, rows, weights, out);
}

/// Row y of the result.
template <int pitch>
HWY_NOINLINE void multiply_row(const Product& product, int y) {
    const Valid rows = kernel_rows(product, y);
    const float* in = product.in + (y - product.padding) * product.in_row;
    const std::int64_t run = std::int64_t{product.kernel} * product.kernel * product.in_blocks * pitch;
    const int pieces = (product.width + kColumns - 1) / kColumns;
    for (int block = 0; block < product.out_blocks; block += graph_vectors) {
        const float* weights = product.weights + block * kLanes * run;
        float* out = product.out + block * product.out_block + y * product.out_row;
        for (int piece = 0; piece < pieces; ++piece) {
            const int x = product.width * piece / pieces;
            const int count = product.width * (piece + 1) / pieces - x;
            const float* from = in + x * pitch;
            float* to = out + x * kLanes;
            if (block + 1 < product.out_blocks) {
                multiply_columns<pitch, 2>(count, product, from, rows, weights, to);
            } else {
                multiply_columns<pitch, 1>(count, product, from, rows, weights, to);
            }
        }
    }
}

/// sums[v] = Σ of the lanes of rows[v].
HWY_INLINE void sum_lanes(const Vector (&rows)[kLanes], float* sums) {
    HWY_ALIGN float parts[kLanes];
    for (int first = 0; first < kLanes; first += 4) {
        Vector group[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i)
            group[i] = rows[first + i];
        transpose_groups(group);
        const Vector sum = hn::Add(hn::Add(group[0], group[1]), hn::Add(group[2], group[3]));
        hn::Store(sum, kFloat, parts);
        for (int i = 0; i < 4; ++i) {
            float total = parts[i];
            for (int block = 4; block < kLanes; block += 4)
                total += parts[block + i];
            sums[first + i] = total;
        }
    }
}

/// Up to a vector of columns of one planar output. Reads what lies behind the last column.
HWY_INLINE void narrow_block(const Product& product, const float* in, Valid rows, const float* weights,
                             float* sums) {
    Vector total[kLanes];
#pragma GCC unroll 16
    for (int c = 0; c < kLanes; ++c)
        total[c] = hn::Zero(kFloat);
    for (int ky = rows.begin; ky < rows.end; ++ky) {
        const float* weight = weights + std::int64_t{ky} * product.in_blocks * product.kernel * kLanes;
        const float* row = in + ky * product.in_row;
        for (int block = 0; block < product.in_blocks; ++block) {
            const float* input = row + block * product.in_block;
            for (int kx = 0; kx < product.kernel; ++kx) {
                const Vector w = hn::Load(kFloat, weight);
#pragma GCC unroll 16
                for (int c = 0; c < kLanes; ++c)
                    total[c] = hn::MulAdd(w, hn::Load(kFloat, input + c * kLanes), total[c]);
                weight += kLanes;
                input += kLanes;
            }
        }
    }
    sum_lanes(total, sums);
}

/// One column.
HWY_INLINE void narrow_single(const Product& product, const float* in, Valid rows, const float* weights,
                              float* sum) {
    Vector total = hn::Zero(kFloat);
    for (int ky = rows.begin; ky < rows.end; ++ky) {
        const float* weight = weights + std::int64_t{ky} * product.in_blocks * product.kernel * kLanes;
        for (int block = 0; block < product.in_blocks; ++block) {
            const float* input = in + ky * product.in_row + block * product.in_block;
            for (int kx = 0; kx < product.kernel; ++kx) {
                total = hn::MulAdd(hn::Load(kFloat, weight), hn::Load(kFloat, input), total);
                weight += kLanes;
                input += kLanes;
            }
        }
    }
    HWY_ALIGN float lanes[kLanes];
    hn::Store(total, kFloat, lanes);
    *sum = 0.0f;
    for (const float lane : lanes)
        *sum += lane;
}

/// Row y of a product with planar outputs, lanes along the inputs. Weights: [output][row][block][column]
/// [lane].
HWY_NOINLINE void narrow_row(const Product& product, int y) {
    const Valid rows = kernel_rows(product, y);
    const float* in = product.in + (y - product.padding) * product.in_row;
    const std::int64_t run = std::int64_t{product.kernel} * product.kernel * product.in_blocks * kLanes;
    for (int output = 0; output < product.out_blocks; ++output) {
        const float* weights = product.weights + output * run;
        float* out = product.out + output * product.out_block + y * product.out_row;
        for (int x = 0; x < product.width; x += kLanes) {
            HWY_ALIGN float sums[kLanes];
            const int left = product.width - x, count = left < kLanes ? left : kLanes;
            if (count == 1) {
                narrow_single(product, in + x * kLanes, rows, weights, sums);
            } else {
                narrow_block(product, in + x * kLanes, rows, weights, sums);
            }
            for (int i = 0; i < count; ++i)
                out[x + i] = sums[i] + (product.add ? out[x + i] : 0.0f);
        }
    }
}

/// weights[k][o] += Σ over the picture of input k of a run × gradient of output o. `product` is the forward
/// one; `gradients` lies as `out`.
template <int pitch, int count, int vectors>
HWY_NOINLINE void outer_picture(const Product& product, int dy, const float* in, const float* gradients,
                                float* weights) {
    Vector sums[count][vectors];
#pragma GCC unroll 16
    for (int k = 0; k < count; ++k) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v)
            sums[k][v] = hn::Load(kFloat, weights + (k * vectors + v) * kLanes);
    }
    const int begin = dy < 0 ? -dy : 0, end = product.height - (dy > 0 ? dy : 0);
    for (int y = begin; y < end; ++y) {
        const float* input = in + (y + dy) * product.in_row;
        const float* gradient = gradients + y * product.out_row;
#pragma GCC unroll 2
        for (int x = 0; x < product.width; ++x) {
            Vector g[vectors];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; ++v)
                g[v] = hn::Load(kFloat, gradient + v * product.out_block);
#pragma GCC unroll 16
            for (int k = 0; k < count; ++k) {
                const Vector value = constant(input[k]);
#pragma GCC unroll 2
                for (int v = 0; v < vectors; ++v)
                    sums[k][v] = hn::MulAdd(value, g[v], sums[k][v]);
            }
            input += pitch;
            gradient += kLanes;
        }
    }
#pragma GCC unroll 16
    for (int k = 0; k < count; ++k) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v)
            hn::Store(sums[k][v], kFloat, weights + (k * vectors + v) * kLanes);
    }
}

template <int pitch, int vectors, int inputs = kInputs>
HWY_INLINE void outer_inputs(int count, const Product& product, int dy, const float* in,
                             const float* gradients, float* weights) {
    if constexpr (inputs > 1) {
        if (count < inputs)
            return outer_inputs<pitch, vectors, inputs - 1>(count, product, dy, in, gradients, weights);
    }
    outer_picture<pitch, inputs, vectors>(product, dy, in, gradients, weights);
}

/// Adds the gradients of the weights of a product to `sums`, in the layout of the forward weights.
template <int pitch>
HWY_NOINLINE void add_product_gradients(const Product& product, const float* gradients, float* sums) {
    const int run = product.kernel * pitch, pieces = (run + kInputs - 1) / kInputs;
    for (int block = 0; block < product.out_blocks; block += graph_vectors) {
        const int vectors = block + 1 < product.out_blocks ? 2 : 1;
        const float* gradient = gradients + block * product.out_block;
        for (int ky = 0; ky < product.kernel; ++ky) {
            for (int in_block = 0; in_block < product.in_blocks; ++in_block) {
                const float* in = product.in + in_block * product.in_block;
                for (int piece = 0; piece < pieces; ++piece) {
                    const int k = run * piece / pieces, count = run * (piece + 1) / pieces - k;
                    float* weights = sums + k * vectors * kLanes;
                    const int dy = ky - product.padding;
                    if (vectors == 2) {
                        outer_inputs<pitch, 2>(count, product, dy, in + k, gradient, weights);
                    } else {
                        outer_inputs<pitch, 1>(count, product, dy, in + k, gradient, weights);
                    }
                }
                sums += std::int64_t{run} * vectors * kLanes;
            }
        }
    }
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
