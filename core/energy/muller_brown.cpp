#include "core/energy/analytic.h"

namespace ebm {
namespace {

struct Term {
    double amplitude, xx, xy, yy, x, y;
};
// Müller and Brown (1979), Theor. Chim. Acta 53, 75.
constexpr Term terms[] = {{-200, -1, 0, -10, 1, 0},
                          {-100, -1, 0, -10, 0, 0.5},
                          {-170, -6.5, 11, -6.5, -0.5, 1.5},
                          {15, 0.7, 0.6, 0.7, -1, 1}};

/// 1/20 of the published potential, so that the barriers are a few units high and T = 1 crosses them now and
/// then. The published coordinates are x/2 − 0.2 and y/2 + 0.7, which centres the wells in the usual square.
struct MullerBrownFormula {
    template <class T>
    T operator()(const T& x, const T& y) const {
        const auto term = [&](const Term& t) -> T {
            const T dx = x / 2 - (0.2 + t.x), dy = y / 2 + (0.7 - t.y);
            return t.amplitude / 20 * exp(t.xx * square(dx) + t.xy * (dx * dy) + t.yy * square(dy));
        };
        return term(terms[0]) + term(terms[1]) + term(terms[2]) + term(terms[3]);
    }
};

} // namespace

EnergyEntry muller_brown_energy() {
    return analytic_entry<MullerBrownFormula>(
        "muller_brown", "M\u00fcller\u2013Brown",
        "The classic test of chemical physics: three wells of different depth on a bent "
        "path (scaled by 1/20, stretched by 2).",
        {-0.7164473, 1.4834517, 0.2999784, -0.4666118, 1.6469988, -1.3439245}, -4, 4);
}

} // namespace ebm
