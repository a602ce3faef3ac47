#include "core/energy/analytic.h"

namespace ebm {
namespace {

/// A Gaussian bent along a parabola [Haario, Saksman, Tamminen 1999]: x ~ N(0, 1.3²), y ~ N(x²/2 − 1.5,
/// 0.4²).
struct BananaFormula {
    template <class T>
    T operator()(const T& x, const T& y) const {
        return square(x) / (2 * 1.3 * 1.3) + square(y - square(x) / 2 + 1.5) / (2 * 0.4 * 0.4);
    }
};

} // namespace

EnergyEntry banana_energy() {
    return analytic_entry<BananaFormula>(
        "banana", "Banana", "A Gaussian bent along a parabola: the direction of easy moves turns with x.",
        {0, -1.5}, -4, 4);
}

} // namespace ebm
