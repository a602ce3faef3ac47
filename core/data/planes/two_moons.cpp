#include "core/data/plane.h"
#include "core/data/planes/curve.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ebm::data {
namespace {

constexpr double standard_deviation = 0.1;
constexpr double scale = 1.5;

/// Half circles of radius 1 around (0, 0) and (1, 0.5), as in scikit-learn's make_moons, centred and scaled.
Point upper(double u) {
    const double angle = std::numbers::pi * u;
    return {scale * (std::cos(angle) - 0.5), scale * (std::sin(angle) - 0.25)};
}

Point lower(double u) {
    const Point p = upper(u);
    return {-p.x, -p.y};
}

int moon_in(const Draws& draws) {
    return draws.choice(0, 2);
}

Point point(const Draws& draws) {
    const Point p = moon_in(draws) == 0 ? upper(draws.uniform(1)) : lower(draws.uniform(1));
    const auto [zx, zy] = draws.normal_pair(0);
    return {p.x + standard_deviation * zx, p.y + standard_deviation * zy};
}

/// Distance from the upper half circle.
double distance_from_upper(double x, double y) {
    const double u = x / scale + 0.5, v = y / scale + 0.25; // unit circle around the origin, v ≥ 0
    const double ends = std::min(std::hypot(u - 1, v), std::hypot(u + 1, v));
    return scale * (v >= 0 ? std::abs(std::hypot(u, v) - 1) : ends);
}

/// 0 the upper, 1 the lower moon.
int moon_of(double x, double y) {
    const double upper_distance = distance_from_upper(x, y), lower_distance = distance_from_upper(-x, -y);
    if (std::min(upper_distance, lower_distance) > 4 * standard_deviation) return -1;
    return upper_distance <= lower_distance ? 0 : 1;
}

} // namespace

PlaneSet two_moons() {
    return {"two_moons",
            "Two moons",
            "Two interleaved half circles of radius 1.5 with noise of standard deviation 0.1.",
            [](std::int64_t count, std::uint64_t seed) { return sample_points(count, seed, point); },
            [](double x, double y) {
                static const CurveDensity density({upper, lower}, standard_deviation);
                return density.log_density(x, y);
            },
            2,
            moon_of,
            {"upper moon", "lower moon"},
            [](std::int64_t count, std::uint64_t seed) { return sample_labels(count, seed, moon_in); }};
}

} // namespace ebm::data
