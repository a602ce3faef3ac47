#include "core/data/plane.h"
#include "core/data/planes/gaussians.h"

#include <fmt/format.h>

namespace ebm::data {

PlaneSet grid_gaussians() {
    static const GaussianMixture mixture = [] {
        GaussianMixture m{{}, 0.1};
        for (int row = -2; row <= 2; ++row)
            for (int column = -2; column <= 2; ++column)
                m.centres.push_back({static_cast<double>(column), static_cast<double>(row)});
        return m;
    }();
    return {"grid_gaussians",
            "Grid of 25 Gaussians",
            "5 × 5 round Gaussians of standard deviation 0.1, at distance 1 from each other.",
            [](std::int64_t count, std::uint64_t seed) { return mixture.sample(count, seed); },
            [](double x, double y) { return mixture.log_density(x, y); },
            25,
            [](double x, double y) { return mixture.nearest(x, y); },
            [] {
                std::vector<std::string> names;
                for (int row = 1; row <= 5; ++row)
                    for (int column = 1; column <= 5; ++column)
                        names.push_back(fmt::format("row {} column {}", row, column));
                return names;
            }(),
            [](std::int64_t count, std::uint64_t seed) { return mixture.labels(count, seed); }};
}

} // namespace ebm::data
