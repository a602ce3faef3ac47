// Elementwise operations of a network graph on one row of a tensor. Included once per instruction set.
#if defined(EBM_KERNELS_GRAPH_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_GRAPH_ROWS_INL_H_
#undef EBM_KERNELS_GRAPH_ROWS_INL_H_
#else
#define EBM_KERNELS_GRAPH_ROWS_INL_H_
#endif

#include "core/kernels/graph_plan.h"
#include "core/kernels/math-inl.h"
#include "core/kernels/plan.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

/// One row of a tensor: blocks × columns vectors; `start` is the same in all tensors of its shape.
struct Row {
    std::int64_t start = 0, block = 0;
    int blocks = 1, columns = 1;

    Row(const GraphTensor& tensor, int y)
        : start(std::int64_t{y} * tensor.row() + tensor.first()), block(tensor.block()),
          blocks(tensor.blocks), columns(tensor.width) {}
};

/// A table of vectors per channel, of one class or of one for each column.
struct Table {
    const float* values;
    int row;           ///< floats of a class
    const int* labels; ///< of the columns; null: the first class
    bool per_column;

    HWY_INLINE std::int64_t offset(int block, int column) const {
        const int label = labels ? labels[per_column ? column : 0] : 0;
        return std::int64_t{label} * row + block * kLanes;
    }
    HWY_INLINE Vector load(int block, int column) const {
        return hn::Load(kFloat, values + offset(block, column));
    }
};

HWY_INLINE void copy_row(const Row& row, const float* from, float* to) {
    for (int b = 0; b < row.blocks; ++b) {
        const std::int64_t at = row.start + b * row.block;
        for (int i = 0; i < row.columns * kLanes; i += kLanes)
            hn::Store(hn::Load(kFloat, from + at + i), kFloat, to + at + i);
    }
}

HWY_INLINE void add_row(const Row& row, const float* from, float* to) {
    for (int b = 0; b < row.blocks; ++b) {
        const std::int64_t at = row.start + b * row.block;
        for (int i = 0; i < row.columns * kLanes; i += kLanes)
            hn::Store(hn::Add(hn::Load(kFloat, from + at + i), hn::Load(kFloat, to + at + i)), kFloat,
                      to + at + i);
    }
}

HWY_INLINE void multiply_row_by(const Row& row, const float* factors, float* to) {
    for (int b = 0; b < row.blocks; ++b) {
        const std::int64_t at = row.start + b * row.block;
        for (int i = 0; i < row.columns * kLanes; i += kLanes)
            hn::Store(hn::Mul(hn::Load(kFloat, factors + at + i), hn::Load(kFloat, to + at + i)), kFloat,
                      to + at + i);
    }
}

HWY_INLINE void add_table(const Row& row, const Table& table, float* to) {
    for (int b = 0; b < row.blocks; ++b) {
        float* at = to + row.start + b * row.block;
        for (int x = 0; x < row.columns; ++x)
            hn::Store(hn::Add(hn::Load(kFloat, at + x * kLanes), table.load(b, x)), kFloat, at + x * kLanes);
    }
}

HWY_INLINE void multiply_table(const Row& row, const Table& table, float* to) {
    for (int b = 0; b < row.blocks; ++b) {
        float* at = to + row.start + b * row.block;
        for (int x = 0; x < row.columns; ++x)
            hn::Store(hn::Mul(hn::Load(kFloat, at + x * kLanes), table.load(b, x)), kFloat, at + x * kLanes);
    }
}

/// sums[class of the column][channel] += Σ gradients · factors over the row; factors null: Σ gradients.
HWY_INLINE void add_table_gradients(const Row& row, const Table& table, const float* gradients,
                                    const float* factors, float* sums) {
    for (int b = 0; b < row.blocks; ++b) {
        const std::int64_t at = row.start + b * row.block;
        for (int x = 0; x < row.columns; ++x) {
            float* sum = sums + table.offset(b, x);
            Vector g = hn::Load(kFloat, gradients + at + x * kLanes);
            if (factors) g = hn::Mul(g, hn::Load(kFloat, factors + at + x * kLanes));
            hn::Store(hn::Add(g, hn::Load(kFloat, sum)), kFloat, sum);
        }
    }
}

template <class Function, bool differentiate>
HWY_NOINLINE void activate_row(const Row& row, float scale, float* values, float* derivatives) {
    const Vector inside = constant(scale);
    for (int b = 0; b < row.blocks; ++b) {
        const std::int64_t at = row.start + b * row.block;
        for (int i = 0; i < row.columns * kLanes; i += kLanes) {
            Vector value, derivative;
            Function::apply(hn::Mul(inside, hn::Load(kFloat, values + at + i)), value, derivative);
            hn::Store(value, kFloat, values + at + i);
            if (differentiate) hn::Store(derivative, kFloat, derivatives + at + i);
        }
    }
}

template <class Function>
HWY_INLINE void activate_row(const Row& row, float scale, float* values, float* derivatives) {
    if (derivatives) {
        activate_row<Function, true>(row, scale, values, derivatives);
    } else {
        activate_row<Function, false>(row, scale, values, nullptr);
    }
}

/// derivatives may be null.
HWY_INLINE void activate_row(Activation function, const Row& row, float* values, float* derivatives) {
    const float scale = preactivation_scale(function);
    switch (function) {
    case Activation::silu:
        return activate_row<Silu>(row, scale, values, derivatives);
    case Activation::softplus:
        return activate_row<Softplus>(row, scale, values, derivatives);
    case Activation::tanh:
        return activate_row<Tanh>(row, scale, values, derivatives);
    case Activation::relu:
        return activate_row<Relu>(row, scale, values, derivatives);
    case Activation::leaky_relu:
        return activate_row<LeakyRelu>(row, scale, values, derivatives);
    case Activation::gelu:
        return activate_row<Gelu>(row, scale, values, derivatives);
    }
}

/// Row y of the means of 2 × 2. `from` and `to` are the starts of the tensors.
HWY_INLINE void pool_row(const GraphTensor& in, const GraphTensor& out, int y, const float* from, float* to) {
    const Vector quarter = constant(0.25f);
    const Row row(out, y);
    for (int b = 0; b < out.blocks; ++b) {
        const float* upper = from + b * in.block() + std::int64_t{2} * y * in.row() + in.first();
        const float* lower = upper + in.row();
        float* at = to + row.start + b * row.block;
        for (int x = 0; x < out.width; ++x) {
            const int left = 2 * x * kLanes, right = left + kLanes;
            const Vector above = hn::Add(hn::Load(kFloat, upper + left), hn::Load(kFloat, upper + right));
            const Vector below = hn::Add(hn::Load(kFloat, lower + left), hn::Load(kFloat, lower + right));
            hn::Store(hn::Mul(quarter, hn::Add(above, below)), kFloat, at + x * kLanes);
        }
    }
}

/// Row y of the gradient at the input of a pool, written or added.
HWY_INLINE void unpool_row(const GraphTensor& in, const GraphTensor& out, int y, bool add, const float* from,
                           float* to) {
    const Vector quarter = constant(0.25f);
    const Row row(in, y);
    for (int b = 0; b < in.blocks; ++b) {
        const bool inside = y / 2 < out.height;
        const float* gradient =
            from + b * out.block() + std::int64_t{inside ? y / 2 : 0} * out.row() + out.first();
        float* at = to + row.start + b * row.block;
        for (int x = 0; x < in.width; ++x) {
            Vector g = hn::Zero(kFloat);
            if (inside && x / 2 < out.width)
                g = hn::Mul(quarter, hn::Load(kFloat, gradient + x / 2 * kLanes));
            if (add) g = hn::Add(g, hn::Load(kFloat, at + x * kLanes));
            hn::Store(g, kFloat, at + x * kLanes);
        }
    }
}

/// Sums over the picture of each channel, to a tensor of one place.
HWY_INLINE void sum_picture(const GraphTensor& in, const GraphTensor& out, const float* from, float* to) {
    for (int b = 0; b < in.blocks; ++b) {
        Vector total = hn::Zero(kFloat);
        for (int y = 0; y < in.height; ++y) {
            // By rows, so that the rounding errors of long sums do not add up.
            const float* at = from + b * in.block() + std::int64_t{y} * in.row() + in.first();
            Vector sum = hn::Zero(kFloat);
            for (int x = 0; x < in.width; ++x)
                sum = hn::Add(sum, hn::Load(kFloat, at + x * kLanes));
            total = hn::Add(total, sum);
        }
        hn::Store(total, kFloat, to + b * out.block() + out.first());
    }
}

/// Row y of the gradient at the input of a sum, written or added.
HWY_INLINE void spread_row(const GraphTensor& in, const GraphTensor& out, int y, bool add, const float* from,
                           float* to) {
    const Row row(in, y);
    for (int b = 0; b < in.blocks; ++b) {
        const Vector gradient = hn::Load(kFloat, from + b * out.block() + out.first());
        float* at = to + row.start + b * row.block;
        for (int x = 0; x < in.width; ++x) {
            const Vector g = add ? hn::Add(gradient, hn::Load(kFloat, at + x * kLanes)) : gradient;
            hn::Store(g, kFloat, at + x * kLanes);
        }
    }
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
