// Convolutions of 3 × 3 by Winograd's minimal filtering F(4 × 4, 3 × 3): 36 products where the direct sum has
// 144. Included once per instruction set. Layouts: graph_plan.h.
//
// Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, with the points 0, ±1/√2, ±√2
// and ∞ in place of their 0, ±1, ±2 and ∞, which halves the rounding error.
#if defined(EBM_KERNELS_GRAPH_WINOGRAD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_GRAPH_WINOGRAD_INL_H_
#undef EBM_KERNELS_GRAPH_WINOGRAD_INL_H_
#else
#define EBM_KERNELS_GRAPH_WINOGRAD_INL_H_
#endif

#include "core/kernels/graph_products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

constexpr float kRootHalf = 0.707106781f, kRootTwo = 1.41421356f;

/// Six values of a line to the six points.
HWY_INLINE void to_points(const Vector (&d)[6], Vector (&t)[6]) {
    const Vector minus_2_5 = constant(-2.5f);
    t[0] = hn::MulAdd(minus_2_5, d[2], hn::Add(d[0], d[4]));
    t[5] = hn::MulAdd(minus_2_5, d[3], hn::Add(d[1], d[5]));
    const Vector even_half = hn::MulAdd(constant(-2.0f), d[2], d[4]);
    const Vector odd_half = hn::MulAdd(constant(kRootHalf), d[3], hn::Mul(constant(-kRootTwo), d[1]));
    t[1] = hn::Add(even_half, odd_half);
    t[2] = hn::Sub(even_half, odd_half);
    const Vector even_two = hn::MulAdd(constant(-0.5f), d[2], d[4]);
    const Vector odd_two = hn::MulAdd(constant(kRootTwo), d[3], hn::Mul(constant(-kRootHalf), d[1]));
    t[3] = hn::Add(even_two, odd_two);
    t[4] = hn::Sub(even_two, odd_two);
}

/// Products at the six points to four values of a line.
HWY_INLINE void from_points(const Vector (&m)[6], Vector (&y)[4]) {
    const Vector even_half = hn::Add(m[1], m[2]), odd_half = hn::Sub(m[1], m[2]);
    const Vector even_two = hn::Add(m[3], m[4]), odd_two = hn::Sub(m[3], m[4]);
    y[0] = hn::Add(m[0], hn::Add(even_half, even_two));
    y[1] = hn::MulAdd(constant(kRootTwo), odd_two, hn::Mul(constant(kRootHalf), odd_half));
    y[2] = hn::MulAdd(constant(2.0f), even_two, hn::Mul(constant(0.5f), even_half));
    y[3] = hn::MulAdd(constant(2.0f * kRootTwo), odd_two,
                      hn::MulAdd(constant(0.5f * kRootHalf), odd_half, m[5]));
}

/// The tiles of 4 × 4 of some rows of a picture.
struct Tiles {
    int row = 0, rows = 1, columns = 1; ///< `row`: of the picture; `rows`, `columns`: tiles

    int count() const { return rows * columns; }
    /// Vectors from one point's block to the next; odd, so that the points do not share places in the cache.
    std::int64_t stride() const { return std::int64_t{count() | 1} * kLanes; }
};

/// → points [point][block][tile][lane].
HWY_NOINLINE void transform_inputs(const Product& product, const Tiles& tiles, float* points) {
    const std::int64_t point = product.in_blocks * tiles.stride();
    for (int block = 0; block < product.in_blocks; ++block) {
        for (int tile = 0; tile < tiles.count(); ++tile) {
            const int y = tiles.row + tile / tiles.columns * 4 - 1, x = tile % tiles.columns * 4;
            const float* in = product.in + block * product.in_block + x * kLanes;
            const int columns = product.width + 2 - x;
            Vector lines[6][6];
            for (int r = 0; r < 6; ++r) {
                Vector d[6];
                const float* row = in + (y + r) * product.in_row;
                if (y + r < 0 || y + r >= product.height) {
#pragma GCC unroll 6
                    for (int c = 0; c < 6; ++c)
                        d[c] = hn::Zero(kFloat);
                } else if (columns >= 6) {
#pragma GCC unroll 6
                    for (int c = 0; c < 6; ++c)
                        d[c] = hn::Load(kFloat, row + c * kLanes);
                } else {
#pragma GCC unroll 6
                    for (int c = 0; c < 6; ++c)
                        d[c] = c < columns ? hn::Load(kFloat, row + c * kLanes) : hn::Zero(kFloat);
                }
                to_points(d, lines[r]);
            }
            float* out = points + block * tiles.stride() + tile * kLanes;
            for (int c = 0; c < 6; ++c) {
                Vector d[6], t[6];
#pragma GCC unroll 6
                for (int r = 0; r < 6; ++r)
                    d[r] = lines[r][c];
                to_points(d, t);
#pragma GCC unroll 6
                for (int r = 0; r < 6; ++r)
                    hn::Store(t[r], kFloat, out + (r * 6 + c) * point);
            }
        }
    }
}

/// points [point][block][tile][lane] → the picture, written or added.
HWY_NOINLINE void transform_outputs(const Product& product, const Tiles& tiles, const float* points) {
    const std::int64_t point = product.out_blocks * tiles.stride();
    for (int block = 0; block < product.out_blocks; ++block) {
        for (int tile = 0; tile < tiles.count(); ++tile) {
            const float* in = points + block * tiles.stride() + tile * kLanes;
            Vector lines[4][6];
            for (int c = 0; c < 6; ++c) {
                Vector m[6], y[4];
#pragma GCC unroll 6
                for (int r = 0; r < 6; ++r)
                    m[r] = hn::Load(kFloat, in + (r * 6 + c) * point);
                from_points(m, y);
#pragma GCC unroll 4
                for (int r = 0; r < 4; ++r)
                    lines[r][c] = y[r];
            }
            const int y = tiles.row + tile / tiles.columns * 4, x = tile % tiles.columns * 4;
            const int rows = product.height - y < 4 ? product.height - y : 4;
            const int columns = product.width - x < 4 ? product.width - x : 4;
            float* out = product.out + block * product.out_block + y * product.out_row + x * kLanes;
            for (int r = 0; r < rows; ++r, out += product.out_row) {
                Vector line[4];
                from_points(lines[r], line);
                for (int c = 0; c < columns; ++c) {
                    if (product.add) line[c] = hn::Add(line[c], hn::Load(kFloat, out + c * kLanes));
                    hn::Store(line[c], kFloat, out + c * kLanes);
                }
            }
        }
    }
}

/// Rows of the result of a 3 × 3 convolution; product.weights: [point][product of 1 × 1]. space: points of
/// inputs and outputs.
HWY_NOINLINE void multiply_tiles(const Product& product, const Tiles& tiles, float* space) {
    transform_inputs(product, tiles, space);
    Product each;
    each.width = tiles.count();
    each.in_blocks = product.in_blocks;
    each.out_blocks = product.out_blocks;
    each.in_block = each.out_block = tiles.stride();
    each.weights = product.weights;
    float* results = space + kWinogradPoints * product.in_blocks * tiles.stride();
    for (int point = 0; point < kWinogradPoints; ++point) {
        each.in = space + point * product.in_blocks * tiles.stride();
        each.out = results + point * product.out_blocks * tiles.stride();
        multiply_row<kLanes>(each, 0);
        each.weights += std::int64_t{product.in_blocks} * product.out_blocks * kLanes * kLanes;
    }
    transform_outputs(product, tiles, results);
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
