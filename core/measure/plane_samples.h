#pragma once

#include "core/energy/energy.h"

#include <cstdint>

namespace ebm::measure {

/// Exact samples of exp(−E/T) on the square [low, high]², [count, 2], by rejection: a cell of a grid is drawn
/// by its density at the middle, a point in it evenly, and kept in the share of its own density. Exact as
/// long as the density within a cell is nowhere more than twice that of its middle. Throws Error if an energy
/// is not a number, or the density is that much steeper than the grid is fine.
torch::Tensor plane_samples(const Energy& energy, double temperature, double low, double high,
                            std::int64_t count, std::uint64_t seed);

} // namespace ebm::measure
