#pragma once

#include "core/lab/model_description.h"
#include "core/lab/scene.h"

#include <string>
#include <vector>

namespace ebm::lab {

/// One of the energies that a scene joins.
struct PartDescription {
    std::string title;
    double weight = 1;      ///< as settings.compose.weights has it
    ModelDescription model; ///< without the memory of a training; no layers if it is joined itself
};
/// The parts of a scene, in their order; nothing without parts. Of a checkpoint its file is read, of a scene
/// its settings. Throws Error for a part that is not there.
std::vector<PartDescription> describe_parts(const Scene& scene);

} // namespace ebm::lab
