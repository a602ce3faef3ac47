#include "core/energy/analytic.h"

namespace ebm {
namespace {

/// E = 4 ((x/2)² − 1)² + y² / (2 · 0.7²): two wells, a barrier of 4 at x = 0.
struct DoubleWellFormula {
    template <class T>
    T operator()(const T& x, const T& y) const {
        return 4 * square(square(x / 2) - 1) + square(y) / (2 * 0.7 * 0.7);
    }
};

} // namespace

EnergyEntry double_well_energy() {
    return analytic_entry<DoubleWellFormula>(
        "double_well", "Double well",
        "Two equal wells at x = \u00b12 and a barrier of height 4 between them. Small "
        "steps stay in one well.",
        {-2, 0, 2, 0}, -4, 4);
}

} // namespace ebm
