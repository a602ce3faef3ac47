#pragma once

#include "core/energy/energy.h"

#include <limits>

namespace ebm {

/// Where chains are, how they move, and ∇U at x of the potential energy U.
struct PhasePoint {
    torch::Tensor x, momentum; ///< [N, sample shape…]
    torch::Tensor gradient;    ///< like x
};

/// Mirrors at both ends of every element of x; none if they are infinite.
struct Walls {
    double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
};

/// A position beyond a wall comes back as from a mirror, and its momentum is turned; what flies farther than
/// the box is wide is folded as often as needed. Keeps volumes and can be run backwards.
inline void mirror(PhasePoint& phase, const Walls& walls) {
    const double width = walls.high - walls.low;
    if (!(width < std::numeric_limits<double>::infinity())) return;
    torch::Tensor folded = (phase.x - walls.low).remainder(2 * width);
    const torch::Tensor crossings = torch::floor((phase.x - walls.low) / width);
    folded = torch::where(folded > width, 2 * width - folded, folded);
    phase.x = (folded + walls.low).clamp(walls.low, walls.high);
    phase.momentum = torch::where(crossings.remainder(2).ne(0), -phase.momentum, phase.momentum);
}

/// `count` ≥ 1 leapfrogs of H = U(x) + |p|²/2, of chain i with steps of size[i] ([N]). `gradient` gives ∇U at
/// the x that it gets; it is called once a leapfrog.
template <class Gradient>
void leapfrog(PhasePoint& phase, const torch::Tensor& size, int count, const Walls& walls,
              Gradient gradient) {
    Shape wide(static_cast<std::size_t>(phase.x.dim()), 1);
    wide[0] = size.size(0);
    const torch::Tensor step = size.view(wide);
    phase.momentum = phase.momentum - (step / 2) * phase.gradient;
    for (int leap = 0; leap < count; ++leap) {
        phase.x = phase.x + step * phase.momentum;
        mirror(phase, walls);
        phase.gradient = gradient(phase.x);
        phase.momentum = phase.momentum - (leap + 1 == count ? step / 2 : step) * phase.gradient;
    }
}

} // namespace ebm
