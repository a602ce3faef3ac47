#pragma once

namespace ebm::data {

/// log p of the pinwheel at (x, y). `solved`, if given, is increased by the number of preimages that were
/// solved for, which is what the time goes into: at most 60 wherever the point lies.
double pinwheel_log_density(double x, double y, int* solved = nullptr);

} // namespace ebm::data
