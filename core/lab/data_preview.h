#pragma once

#include "core/lab/dataset.h"

namespace ebm::lab {

/// Fills DataView::pixels (of pictures, with their labels) and DataView::values from the training data, if
/// there are any. Pictures are drawn with `seed` as the key: a pure function of its arguments.
void add_preview(DataView& view, const Dataset& dataset, std::uint64_t seed);

} // namespace ebm::lab
