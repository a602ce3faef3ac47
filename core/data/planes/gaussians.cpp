#include "core/data/planes/gaussians.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace ebm::data {

std::vector<float> GaussianMixture::sample(std::int64_t count, std::uint64_t seed) const {
    return sample_points(count, seed, [this](const Draws& draws) -> Point {
        const Point& centre = centres[static_cast<size_t>(centre_in(draws))];
        const auto [zx, zy] = draws.normal_pair(0);
        return {centre.x + standard_deviation * zx, centre.y + standard_deviation * zy};
    });
}

std::vector<std::int32_t> GaussianMixture::labels(std::int64_t count, std::uint64_t seed) const {
    return sample_labels(count, seed, [this](const Draws& draws) { return centre_in(draws); });
}

int GaussianMixture::nearest(double x, double y) const {
    int found = -1;
    double least = 16 * standard_deviation * standard_deviation;
    for (size_t i = 0; i < centres.size(); ++i) {
        const double dx = x - centres[i].x, dy = y - centres[i].y, squared = dx * dx + dy * dy;
        if (squared > least) continue;
        least = squared;
        found = static_cast<int>(i);
    }
    return found;
}

double GaussianMixture::log_density(double x, double y) const {
    const auto squared_distance = [&](const Point& c) {
        return (x - c.x) * (x - c.x) + (y - c.y) * (y - c.y);
    };
    double nearest = std::numeric_limits<double>::infinity();
    for (const Point& centre : centres)
        nearest = std::min(nearest, squared_distance(centre));
    const double variance = standard_deviation * standard_deviation;
    double sum = 0;
    for (const Point& centre : centres)
        sum += std::exp((nearest - squared_distance(centre)) / (2 * variance));
    return std::log(sum / (static_cast<double>(centres.size()) * 2 * std::numbers::pi * variance)) -
           nearest / (2 * variance);
}

} // namespace ebm::data
