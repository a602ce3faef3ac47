// What all networks have in common on one tile of samples. Included once per instruction set.
#if defined(EBM_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_TILE_INL_H_
#undef EBM_KERNELS_TILE_INL_H_
#else
#define EBM_KERNELS_TILE_INL_H_
#endif

#include "core/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

// Register block: outputs × vectors of samples. Outputs × vectors accumulators, the vectors of one input and
// one weight must fit the registers, and at least 8 accumulators are needed to hide the latency of the sums.
#if HWY_TARGET == HWY_AVX3
constexpr int kVectors = 1, kLargestBlock = 16;
#elif HWY_TARGET == HWY_AVX2
constexpr int kVectors = 3, kLargestBlock = 4;
#elif HWY_TARGET == HWY_NEON
constexpr int kVectors = 2, kLargestBlock = 8;
#else
constexpr int kVectors = 2, kLargestBlock = 4;
#endif
constexpr int kTile = kVectors * kLanes;

/// The columns (or rows) [begin, end) of a kernel that fall inside an input of `size`, for output position
/// `out`.
struct Valid {
    int begin, end;
};
HWY_INLINE Valid valid_taps(int out, int stride, int padding, int kernel, int size) {
    const int first = out * stride - padding;
    return {first < 0 ? -first : 0, first + kernel > size ? size - first : kernel};
}

/// Four vectors of one group of four rows, each 128-bit block a 4×4 transpose: block b of vector j holds the
/// four rows at sample 4b + j.
HWY_INLINE void transpose_groups(Vector (&rows)[4]) {
    using Wide = hn::Repartition<double, FloatTag>;
    const Wide wide;
    const auto low01 = hn::BitCast(wide, hn::InterleaveLower(kFloat, rows[0], rows[1]));
    const auto high01 = hn::BitCast(wide, hn::InterleaveUpper(kFloat, rows[0], rows[1]));
    const auto low23 = hn::BitCast(wide, hn::InterleaveLower(kFloat, rows[2], rows[3]));
    const auto high23 = hn::BitCast(wide, hn::InterleaveUpper(kFloat, rows[2], rows[3]));
    rows[0] = hn::BitCast(kFloat, hn::InterleaveLower(wide, low01, low23));
    rows[1] = hn::BitCast(kFloat, hn::InterleaveUpper(wide, low01, low23));
    rows[2] = hn::BitCast(kFloat, hn::InterleaveLower(wide, high01, high23));
    rows[3] = hn::BitCast(kFloat, hn::InterleaveUpper(wide, high01, high23));
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
