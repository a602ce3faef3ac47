#include "core/energy/analytic.h"

#include <cmath>
#include <numbers>

namespace ebm {
namespace {

struct Component {
    double weight, x, y, sd;
};
constexpr Component components[] = {{0.5, -2.0, -1.5, 0.4}, {0.3, 2.0, -1.0, 0.5}, {0.2, 0.0, 2.2, 0.6}};

/// E = −log Σₖ wₖ N(x; μₖ, σₖ² I), so Z = 1.
struct MixtureFormula {
    template <class T>
    T operator()(const T& x, const T& y) const {
        const auto term = [&](const Component& c) -> T {
            const double constant = std::log(c.weight / (2 * std::numbers::pi * c.sd * c.sd));
            return constant - (square(x - c.x) + square(y - c.y)) / (2 * c.sd * c.sd);
        };
        return -log_sum_exp(std::array<T, 3>{term(components[0]), term(components[1]), term(components[2])});
    }
};

} // namespace

EnergyEntry gaussian_mixture_energy() {
    std::vector<double> minima;
    for (const Component& c : components)
        minima.insert(minima.end(), {c.x, c.y});
    return analytic_entry<MixtureFormula>(
        "gaussian_mixture", "Gaussian mixture",
        "Three Gaussians with weights 0.5, 0.3, 0.2 and standard deviations 0.4, 0.5, "
        "0.6. Chains must cross wide gaps to visit each in its share.",
        minima, -4, 4);
}

} // namespace ebm
