#pragma once

#include "core/settings/settings.h"

#include <string>
#include <vector>

namespace ebm::panels {

/// A line of the sampler's step as it is written for a person.
struct StepLine {
    enum class Kind { letters, numbers, note, acceptance } kind;
    std::string text;
};

/// One step of a chain in the order in which it is computed (core/kernels/step.h), everything that
/// settings.sampler switches on included: spread, clip, drift limit, box, acceptance, jumps.
std::vector<StepLine> step_lines(const Settings& settings);

} // namespace ebm::panels
