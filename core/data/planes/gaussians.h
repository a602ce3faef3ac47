#pragma once

#include "core/data/planes/draws.h"

#include <vector>

namespace ebm::data {

/// Equal mixture of round Gaussians of one standard deviation.
struct GaussianMixture {
    std::vector<Point> centres;
    double standard_deviation = 1;

    std::vector<float> sample(std::int64_t count, std::uint64_t seed) const;
    /// The centre, by its place in `centres`, that each point of the same sample was drawn around.
    std::vector<std::int32_t> labels(std::int64_t count, std::uint64_t seed) const;
    double log_density(double x, double y) const;
    /// The nearest centre within four standard deviations; −1 if there is none.
    int nearest(double x, double y) const;

private:
    int centre_in(const Draws& draws) const { return draws.choice(0, static_cast<int>(centres.size())); }
};

} // namespace ebm::data
