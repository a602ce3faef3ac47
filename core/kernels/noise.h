#pragma once

#include "core/base/random.h"

#include <cstdint>

namespace ebm::kernels {

/// Standard normals: element e of row r is normal e % 4 of block e / 4 of random.h, drawn as chain
/// first.chain + r of first.stream, first.group and first.step. Equal to random::normals up to rounding
/// (about 1e-6). out: [rows][row_elements].
void fill_normal(float* out, std::int64_t rows, std::int64_t row_elements, const random::Place& first,
                 int threads);

/// Uniform numbers in [0, 1): element e of row r is word e % 4 of block e / 4. Equal to random::uniform to
/// the bit.
void fill_uniform(float* out, std::int64_t rows, std::int64_t row_elements, const random::Place& first,
                  int threads);

} // namespace ebm::kernels
