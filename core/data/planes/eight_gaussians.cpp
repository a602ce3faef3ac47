#include "core/data/plane.h"
#include "core/data/planes/gaussians.h"

#include <cmath>
#include <numbers>

namespace ebm::data {

PlaneSet eight_gaussians() {
    static const GaussianMixture mixture = [] {
        GaussianMixture m{{}, 0.2};
        for (int i = 0; i < 8; ++i) {
            const double angle = i * std::numbers::pi / 4;
            m.centres.push_back({2 * std::cos(angle), 2 * std::sin(angle)});
        }
        return m;
    }();
    return {"eight_gaussians",
            "Eight Gaussians",
            "Eight round Gaussians of standard deviation 0.2, evenly on a circle of radius 2.",
            [](std::int64_t count, std::uint64_t seed) { return mixture.sample(count, seed); },
            [](double x, double y) { return mixture.log_density(x, y); },
            8,
            [](double x, double y) { return mixture.nearest(x, y); },
            {"east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east"},
            [](std::int64_t count, std::uint64_t seed) { return mixture.labels(count, seed); }};
}

} // namespace ebm::data
