#pragma once

#include "core/lab/snapshot.h"

#include <string>

namespace ebm::panels {

/// The coding of the points that are shown; x and y as they are where there is no file, and in slices through
/// pictures. Columns 0 and 1 are the axes.
const data::Coding& axes_of(const lab::Snapshot& snapshot);

/// An axis in the numbers of the file: as many decimals as `step`, in the model's coordinates, can tell.
std::string coordinate_text(const data::Coding& axes, std::size_t axis, double x, double step);

/// "178.25, 70.5": every digit, with an ASCII minus, for copying.
std::string position_text(const data::Coding& axes, double x, double y);

/// For ImPlot: the numbers of the file at ticks of the model's coordinates; `column` is a
/// data::Coding::Column.
int tick_in_file(double value, char* text, int size, void* column);

} // namespace ebm::panels
