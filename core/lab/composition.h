#pragma once

#include "core/energy/device.h"
#include "core/energy/sum.h"
#include "core/lab/scene.h"
#include "core/lab/snapshot.h"

namespace ebm::lab {

/// The energy of a scene with parts.
struct ComposedEnergy {
    std::shared_ptr<SumEnergy> energy;
    std::shared_ptr<const std::vector<PartView>> parts;
    std::string title; ///< "Ring AND Double well"
    std::int64_t parameters = 0;
};
/// Opens every part of `scene`, on `device`, and joins them as settings.compose says. Throws Error for a part
/// that is not there, has no trained model, contains itself, or does not fit the others.
ComposedEnergy open_composition(const Scene& scene, const Settings& settings, ComputeDevice& device);
/// Weights, classes and operation of settings.compose, from now on. Throws Error, and changes nothing, if
/// they do not fit the parts.
void recompose(ComposedEnergy& composed, const Settings& settings);

} // namespace ebm::lab
