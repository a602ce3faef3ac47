#include "core/energy/analytic.h"

namespace ebm {
namespace {

/// E = (|x| − 2)² / (2 · 0.2²). The tiny constant keeps the gradient at the origin finite (it is 0 there).
torch::Tensor formula(const torch::Tensor& x, const torch::Tensor& y) {
    const torch::Tensor radius = (x.square() + y.square() + 1e-12).sqrt();
    return (radius - 2).square() / (2 * 0.2 * 0.2);
}

} // namespace

EnergyEntry ring_energy() {
    return analytic_entry<formula>(
        "ring", "Ring",
        "A circular valley of radius 2: every point of the circle is a minimum, and "
        "chains must walk all the way round.",
        {}, -4, 4);
}

} // namespace ebm
