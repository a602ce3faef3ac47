#include "core/data/plane.h"
#include "core/data/planes/curve.h"

#include <cmath>
#include <numbers>

namespace ebm::data {
namespace {

constexpr double standard_deviation = 0.1;
constexpr double outer_radius = 2.5;

/// Archimedean spiral of one and a half turns. The angle goes with √u, which spreads the points evenly by
/// length.
Point arm(double u) {
    const double share = std::sqrt(u);
    const double angle = 3 * std::numbers::pi * share;
    return {-outer_radius * share * std::cos(angle), outer_radius * share * std::sin(angle)};
}

Point opposite_arm(double u) {
    const Point p = arm(u);
    return {-p.x, -p.y};
}

int arm_in(const Draws& draws) {
    return draws.choice(0, 2);
}

Point point(const Draws& draws) {
    const Point p = arm_in(draws) == 0 ? arm(draws.uniform(1)) : opposite_arm(draws.uniform(1));
    const auto [zx, zy] = draws.normal_pair(0);
    return {p.x + standard_deviation * zx, p.y + standard_deviation * zy};
}

} // namespace

PlaneSet two_spirals() {
    return {
        "two_spirals",
        "Two spirals",
        "Two spiral arms of one and a half turns, out to radius 2.5, with noise of standard deviation 0.1.",
        [](std::int64_t count, std::uint64_t seed) { return sample_points(count, seed, point); },
        [](double x, double y) {
            static const CurveDensity density({arm, opposite_arm}, standard_deviation);
            return density.log_density(x, y);
        },
        0,
        nullptr,
        {"first arm", "second arm"},
        [](std::int64_t count, std::uint64_t seed) { return sample_labels(count, seed, arm_in); }};
}

} // namespace ebm::data
