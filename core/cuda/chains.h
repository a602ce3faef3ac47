#pragma once

#include "core/base/random.h"
#include "core/cuda/arguments.h"
#include "core/kernels/step.h"

#include <cstdint>

/// Between what the program asks for and the kernels' arguments.
namespace ebm::cuda {

/// The settings, the place of the first draw and the number of steps; the arrays are left null. Throws
/// ebm::Error if the settings contradict each other.
RunArguments run_arguments(const kernels::StepSettings& settings, const random::Place& first, int steps);

/// Of draws.cu: numbers of first.stream into to[rows][elements].
DrawArguments draw_arguments(float* to, std::int64_t rows, int elements, const random::Place& first);

/// Adds a tile of chains with `elements` each. `first_step`: step of the report that the tally counts from.
void add(const Tally& tally, int elements, std::int64_t first_step, kernels::StepReport& report);

} // namespace ebm::cuda
