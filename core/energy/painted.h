#pragma once

#include "core/data/drawing.h"
#include "core/energy/energy.h"

namespace ebm {

/// The height that a cell painted in full has, in units of E.
constexpr float painted_height = 12;

/// An energy on the plane that was painted: painted_height × the share painted in each cell, bilinear between
/// the centres of the cells, 0 from half a cell outside [−4, 4]² on. Walls and bars for chains.
std::shared_ptr<Energy> painted_energy(const data::Drawing& drawing);

} // namespace ebm
