#include "core/energy/analytic.h"

namespace ebm {
namespace {

/// E = (|x| − 2)² / (2 · 0.2²). The tiny constant keeps the gradient at the origin finite (it is 0 there).
struct RingFormula {
    template <class T>
    T operator()(const T& x, const T& y) const {
        const T radius = sqrt(square(x) + square(y) + 1e-12);
        return square(radius - 2) / (2 * 0.2 * 0.2);
    }
};

} // namespace

EnergyEntry ring_energy() {
    return analytic_entry<RingFormula>(
        "ring", "Ring",
        "A circular valley of radius 2: every point of the circle is a minimum, and "
        "chains must walk all the way round.",
        {}, -4, 4);
}

} // namespace ebm
