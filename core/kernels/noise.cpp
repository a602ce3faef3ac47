#include "core/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/kernels/noise.h"
#include "core/kernels/parallel.h"
#include "core/kernels/philox-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {
namespace {

template <bool normal>
HWY_INLINE void values_of(const Draw& draw, WordVector block, WordVector chain, Vector (&value)[4]) {
    WordVector words[4];
    random_words(draw, block, chain, words);
    if (normal) {
        normal_pair(words[0], words[1], value[0], value[1]);
        normal_pair(words[2], words[3], value[2], value[3]);
    } else {
        for (int i = 0; i < 4; ++i)
            value[i] = uniform(words[i]);
    }
}

/// Value i of lane l to out[4 l + i].
void store_interleaved(const Vector (&value)[4], float* out) {
    HWY_ALIGN float lanes[4][kLanes];
    for (int i = 0; i < 4; ++i)
        hn::Store(value[i], kFloat, lanes[i]);
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
        for (int i = 0; i < 4; ++i)
            out[4 * lane + i] = lanes[i][lane];
}

/// Long rows: the lanes are neighbouring blocks of one row.
template <bool normal>
void fill_row(const Draw& draw, std::uint32_t chain, std::int64_t elements, float* out) {
    HWY_ALIGN float rest[4 * kLanes];
    for (std::int64_t first = 0; first < elements; first += 4 * kLanes) {
        Vector value[4];
        values_of<normal>(draw, hn::Iota(kWord, static_cast<std::uint32_t>(first / 4)), hn::Set(kWord, chain),
                          value);
        const std::int64_t left = elements - first;
        float* place = left >= 4 * kLanes ? out + first : rest;
        store_interleaved(value, place);
        for (std::int64_t i = 0; place == rest && i < left; ++i)
            out[first + i] = rest[i];
    }
}

/// Short rows: the lanes are neighbouring rows, one block after the other.
template <bool normal>
void fill_short_rows(const Draw& draw, std::uint32_t chain, std::int64_t rows, std::int64_t elements,
                     float* out) {
    HWY_ALIGN float values[4 * kLanes];
    for (std::int64_t row = 0; row < rows; row += kLanes) {
        const WordVector chains = hn::Iota(kWord, chain + static_cast<std::uint32_t>(row));
        const std::int64_t lanes = rows - row < kLanes ? rows - row : kLanes;
        for (std::int64_t first = 0; first < elements; first += 4) {
            Vector value[4];
            values_of<normal>(draw, hn::Set(kWord, static_cast<std::uint32_t>(first / 4)), chains, value);
            store_interleaved(value, values);
            const std::int64_t left = elements - first < 4 ? elements - first : 4;
            for (std::int64_t lane = 0; lane < lanes; ++lane) {
                for (std::int64_t i = 0; i < left; ++i) {
                    out[(row + lane) * elements + first + i] = values[4 * lane + i];
                }
            }
        }
    }
}

template <bool normal>
void fill(const random::Place& first, std::int64_t row, std::int64_t rows, std::int64_t elements,
          float* out) {
    const Draw draw{first.step, first.group << 8 | static_cast<std::uint32_t>(first.stream),
                    static_cast<std::uint32_t>(first.seed), static_cast<std::uint32_t>(first.seed >> 32)};
    const std::uint32_t chain = first.chain + static_cast<std::uint32_t>(row);
    if (elements < 4 * kLanes) {
        fill_short_rows<normal>(draw, chain, rows, elements, out + row * elements);
        return;
    }
    for (std::int64_t i = 0; i < rows; ++i) {
        fill_row<normal>(draw, chain + static_cast<std::uint32_t>(i), elements, out + (row + i) * elements);
    }
}

} // namespace

void fill_rows(bool normal, const random::Place& first, std::int64_t row, std::int64_t rows,
               std::int64_t elements, float* out) {
    (normal ? fill<true> : fill<false>)(first, row, rows, elements, out);
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

namespace ebm::kernels {
namespace {

HWY_EXPORT(fill_rows);

void fill_in_parallel(bool normal, float* out, std::int64_t rows, std::int64_t elements,
                      const random::Place& first, int threads) {
    if (rows <= 0 || elements <= 0) return;
    const auto fill_rows_here = HWY_DYNAMIC_DISPATCH(fill_rows);
    // Pieces of about 64 KB, in whole groups of lanes.
    const std::int64_t piece = std::max<std::int64_t>(1, 16384 / elements / 16) * 16;
    parallel_for((rows + piece - 1) / piece, threads, [&](std::int64_t index) {
        const std::int64_t row = index * piece;
        fill_rows_here(normal, first, row, std::min(piece, rows - row), elements, out);
    });
}

} // namespace

void fill_normal(float* out, std::int64_t rows, std::int64_t row_elements, const random::Place& first,
                 int threads) {
    fill_in_parallel(true, out, rows, row_elements, first, threads);
}

void fill_uniform(float* out, std::int64_t rows, std::int64_t row_elements, const random::Place& first,
                  int threads) {
    fill_in_parallel(false, out, rows, row_elements, first, threads);
}

} // namespace ebm::kernels
#endif
