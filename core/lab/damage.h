#pragma once

#include "core/lab/types.h"

namespace ebm::lab {

/// What pictures are restored from. No LibTorch.

/// Replaces the pixels whose entry of `hidden` [height · width] is not 0 by uniform noise; sample i of the
/// set gets that of chain i with this seed.
void hide(Samples& pictures, const std::vector<std::uint8_t>& hidden, std::uint64_t seed);
/// Adds normal noise with this standard deviation to all pixels, clamped to the model's range −1 … 1; the
/// random numbers are keyed likewise.
void add_noise(Samples& pictures, double sd, std::uint64_t seed);

/// Root of the mean squared difference of two sets of equal size where the entry of `where` [height · width]
/// is not 0, over all of their samples; in the model's values, whose range is 2. NaN where no pixel counts.
double difference_where(const Samples& a, const Samples& b, const std::vector<std::uint8_t>& where);

} // namespace ebm::lab
