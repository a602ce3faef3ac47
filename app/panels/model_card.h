#pragma once

#include "app/window/context.h"

namespace ebm::panels {

/// Rows (between begin_rows and end_rows) that say what the model of a scene is and costs: parameters,
/// multiply-adds, memory, and a button that lists its layers.
void model_card(window::Context& context);

} // namespace ebm::panels
