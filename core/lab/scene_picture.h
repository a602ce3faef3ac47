#pragma once

#include "core/lab/scene.h"

namespace ebm::lab {

/// What a scene of the plane is about, without opening it: the density of its data, or exp(−E) of an analytic
/// energy, on [resolution²] points, 0 … 1, row 0 at the top. Empty for images and for data that cannot be
/// read.
std::vector<float> scene_picture(const Scene& scene, int resolution);

} // namespace ebm::lab
