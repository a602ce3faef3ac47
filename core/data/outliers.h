#pragma once

#include "core/base/tensor.h"
#include "core/data/coding.h"

#include <string>

namespace ebm::data {

/// What a person should know of points so far from the rest that they alone make the standard deviation of a
/// column: the first such record, how many there are, and how little room is left for all the others. A
/// sentence or two; empty if there are none. `x`: [n, columns], standardised with `coding`. Points count as
/// such where they lie over 20 times the middle 90 % of the column from its median.
std::string outlier_note(const torch::Tensor& x, const Coding& coding);

/// A sentence if most points, [n, 2] in the model's coordinates, lie far from the data that it learned, as
/// they do in another order of columns or other units; else empty.
std::string distance_note(const torch::Tensor& x, const Coding& coding);

} // namespace ebm::data
