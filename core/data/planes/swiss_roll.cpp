#include "core/data/plane.h"
#include "core/data/planes/curve.h"

#include <cmath>
#include <numbers>

namespace ebm::data {
namespace {

constexpr double standard_deviation = 0.1;
constexpr double outer_radius = 2.5;

/// Spiral with angle uniform in [1.5π, 4.5π] and radius in proportion, as in scikit-learn's make_swiss_roll.
Point roll(double u) {
    const double angle = 1.5 * std::numbers::pi * (1 + 2 * u);
    const double radius = outer_radius * angle / (4.5 * std::numbers::pi);
    return {radius * std::cos(angle), radius * std::sin(angle)};
}

Point point(const Draws& draws) {
    const Point p = roll(draws.uniform(0));
    const auto [zx, zy] = draws.normal_pair(0);
    return {p.x + standard_deviation * zx, p.y + standard_deviation * zy};
}

} // namespace

PlaneSet swiss_roll() {
    return {"swiss_roll", "Swiss roll",
            "One spiral of one and a half turns, radius 0.83 to 2.5, with noise of standard deviation 0.1.",
            [](std::int64_t count, std::uint64_t seed) { return sample_points(count, seed, point); },
            [](double x, double y) {
                static const CurveDensity density({roll}, standard_deviation);
                return density.log_density(x, y);
            }};
}

} // namespace ebm::data
