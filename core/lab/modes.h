#pragma once

#include "core/data/plane.h"
#include "core/energy/energy.h"
#include "core/lab/modes_view.h"
#include "core/measure/chain_history.h"
#include "core/measure/modes.h"
#include "core/measure/quadrature.h"

#include <span>
#include <vector>

namespace ebm::lab {

/// Parts of the plane between which chains must find their way.
struct ModeMap {
    int count = 0;           ///< 0: not known
    measure::ModeOf mode_of; ///< 0 … count − 1, −1 for none
};
/// The modes of a data set, or the nearest of the known minima [x, y, x, y …] of an analytic energy if there
/// are two or more.
ModeMap mode_map(const data::PlaneSet* set, const std::vector<double>& minima);
/// Where those modes are, in their order.
std::vector<ModePlace> mode_places(const data::PlaneSet* set, const std::vector<double>& minima);
/// Shares of exp(−E/T) on the square in each mode, by the midpoint rule on 400 × 400 cells; what lies in no
/// mode is missing from their sum.
std::vector<double> exact_mode_shares(const Energy& energy, double temperature, const measure::Square& box,
                                      const ModeMap& modes);

/// points: [chains][2]; the history has statistics "x" and "y".
ModesView modes_view(std::span<const float> points, const measure::ChainHistory& history,
                     const ModeMap& modes);

} // namespace ebm::lab
