#pragma once

#include "core/energy/energy.h"
#include "core/lab/types.h"

#include <functional>
#include <vector>

namespace ebm::lab {

/// Cell centres of a rectangle, [resolution²][2], row 0 at low_y.
torch::Tensor grid_points(const Rect& rect, int resolution);

struct Landscape {
    std::vector<float> energy;    ///< at the points of grid_points
    std::int64_t evaluations = 0; ///< of an energy; one with its gradient counts as two
};

/// Energies and their gradients at places of a plane, [n][2]; on the plane itself and on a slice through
/// images.
struct PlaneEnergy {
    std::function<torch::Tensor(const torch::Tensor& places)> value;
    std::function<ValueAndGradient(const torch::Tensor& places)> value_and_gradient;
};
/// Of an energy of points. Refers to it.
PlaneEnergy plane_energy(const Energy& energy);

/// Energies of a rectangle for looking at them, from a few evaluations where the energy is smooth: E and ∇E
/// at every fourth cell centre, and bicubic Hermite patches between them [Ferguson, J. ACM 11, 1964]. Where a
/// patch misses its middle, or its third derivative jumps to the next patch, each point of it is evaluated.
/// The errors are below 0.01 nats and a thousandth of the range of the energies wherever the energy is smooth
/// on the scale of eight cells; elsewhere nothing but the same checks of each patch bounds them.
Landscape landscape(const PlaneEnergy& energy, const Rect& rect, int resolution);

} // namespace ebm::lab
