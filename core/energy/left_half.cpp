#include "core/energy/analytic.h"

namespace ebm {
namespace {

/// E = log(1 + exp(x / 0.5)) = −log of a logistic step: 0 far on the left, x / 0.5 far on the right.
struct LeftHalfFormula {
    template <class T>
    T operator()(const T& x, const T&) const {
        return softplus(x / 0.5);
    }
};

} // namespace

EnergyEntry left_half_energy() {
    return analytic_entry<LeftHalfFormula>(
        "left_half", "Left half",
        "Likely where x < 0: a concept to combine with others. With weight \u22121 in a composition it says "
        "\u201cnot on the left\u201d. By itself only the box keeps its chains.",
        {}, -4, 4);
}

} // namespace ebm
