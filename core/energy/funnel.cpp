#include "core/energy/analytic.h"

namespace ebm {
namespace {

/// The funnel of Neal (2003), "Slice sampling": x ~ N(0, 1.2²), y ~ N(0, exp(x)).
struct FunnelFormula {
    template <class T>
    T operator()(const T& x, const T& y) const {
        return square(x) / (2 * 1.2 * 1.2) + square(y) * exp(-x) / 2 + x / 2;
    }
};

} // namespace

EnergyEntry funnel_energy() {
    return analytic_entry<FunnelFormula>(
        "funnel", "Funnel",
        "The width in y shrinks as exp(x/2): a step that suits the mouth is far too long "
        "for the neck.",
        {-0.72, 0}, -4, 4);
}

} // namespace ebm
