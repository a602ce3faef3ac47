#pragma once

#include "core/lab/snapshot.h"

namespace ebm::panels {

/// Rows (between begin_rows and end_rows) that say what the model of a scene is and costs: parameters,
/// multiply-adds, memory, and a button that lists its layers.
void model_card(const lab::Snapshot& snapshot);

} // namespace ebm::panels
