#pragma once

#include "core/lab/dataset.h"

namespace ebm::lab {

/// Fills DataView::values and `measured` from the training data, if there are any. Of large sets some samples
/// are measured, evenly taken: it takes a fraction of a second.
void measure_values(DataView& view, const Dataset& dataset);

} // namespace ebm::lab
