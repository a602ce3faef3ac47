#include "core/data/plane.h"
#include "core/data/planes/draws.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ebm::data {
namespace {

constexpr double radii[] = {0.7, 1.5, 2.3};
constexpr double standard_deviation = 0.08;

int ring_in(const Draws& draws) {
    return draws.choice(0, 3);
}

Point point(const Draws& draws) {
    const double radius = radii[ring_in(draws)] + standard_deviation * draws.normal_pair(0)[0];
    const double angle = 2 * std::numbers::pi * draws.uniform(1);
    return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// p(x, y) = (q(r) + q(−r)) / (2πr), q the mixture of N(radius, σ²): a negative radius is the opposite point.
/// At the origin, where the term e⁻³⁸ / r has its pole, r is taken as 1e-6.
double log_density(double x, double y) {
    const double r = std::max(std::hypot(x, y), 1e-6);
    const auto exponent = [](double radius, double ring) {
        const double z = (radius - ring) / standard_deviation;
        return -z * z / 2;
    };
    double largest = exponent(r, radii[0]);
    for (const double ring : radii)
        largest = std::max(largest, exponent(r, ring));
    double sum = 0;
    for (const double ring : radii)
        sum += std::exp(exponent(r, ring) - largest) + std::exp(exponent(-r, ring) - largest);
    return largest +
           std::log(sum / (std::size(radii) * std::sqrt(2 * std::numbers::pi) * standard_deviation)) -
           std::log(2 * std::numbers::pi * r);
}

int ring_of(double x, double y) {
    const double r = std::hypot(x, y);
    for (int ring = 0; ring < 3; ++ring)
        if (std::abs(r - radii[ring]) <= 4 * standard_deviation) return ring; // they lie 10 deviations apart
    return -1;
}

} // namespace

PlaneSet rings() {
    return {"rings",
            "Three rings",
            "Three rings of radius 0.7, 1.5 and 2.3, equally likely, with radial standard deviation 0.08.",
            [](std::int64_t count, std::uint64_t seed) { return sample_points(count, seed, point); },
            log_density,
            3,
            ring_of,
            {"inner", "middle", "outer"},
            [](std::int64_t count, std::uint64_t seed) { return sample_labels(count, seed, ring_in); }};
}

} // namespace ebm::data
