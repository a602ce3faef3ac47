#include "core/lab/modes.h"

#include "core/lab/views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace ebm::lab {

ModeMap mode_map(const data::PlaneSet* set, const std::vector<double>& minima) {
    if (set && set->mode_of) return {set->modes, set->mode_of};
    if (minima.size() < 4) return {};
    return {static_cast<int>(minima.size() / 2), [minima](double x, double y) {
                int nearest = 0;
                double least = std::numeric_limits<double>::infinity();
                for (std::size_t i = 0; i + 1 < minima.size(); i += 2) {
                    const double distance = std::hypot(x - minima[i], y - minima[i + 1]);
                    if (distance >= least) continue;
                    least = distance;
                    nearest = static_cast<int>(i / 2);
                }
                return nearest;
            }};
}

std::vector<ModePlace> mode_places(const data::PlaneSet* set, const std::vector<double>& minima) {
    const ModeMap map = mode_map(set, minima);
    std::vector<ModePlace> places(static_cast<std::size_t>(map.count));
    if (!set || !set->mode_of) {
        for (std::size_t mode = 0; mode < places.size(); ++mode)
            places[mode].points = {static_cast<float>(minima[2 * mode]),
                                   static_cast<float>(minima[2 * mode + 1])};
        return places;
    }
    constexpr std::size_t most = 48; ///< points of a mode: enough to see the shape of a moon
    if (set->classes.size() == places.size())
        for (std::size_t mode = 0; mode < places.size(); ++mode)
            places[mode].name = set->classes[mode];
    const std::vector<float> drawn = set->sample(static_cast<std::int64_t>(most) * map.count, 0);
    for (std::size_t i = 0; i + 1 < drawn.size(); i += 2) {
        const int mode = map.mode_of(drawn[i], drawn[i + 1]);
        if (mode < 0) continue;
        std::vector<float>& points = places[static_cast<std::size_t>(mode)].points;
        if (points.size() < 2 * most) points.insert(points.end(), {drawn[i], drawn[i + 1]});
    }
    return places;
}

std::vector<double> exact_mode_shares(const Energy& energy, double temperature, const measure::Square& box,
                                      const ModeMap& modes) {
    constexpr int side = 400;
    const double cell = (box.high - box.low) / side;
    std::vector<float> points;
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) {
            points.push_back(static_cast<float>(box.low + (column + 0.5) * cell));
            points.push_back(static_cast<float>(box.low + (row + 0.5) * cell));
        }
    const std::vector<float> energies = energy_of_points(energy, temperature)(points);
    const float least = *std::ranges::min_element(energies);
    std::vector<double> shares(static_cast<std::size_t>(modes.count));
    double sum = 0;
    for (std::size_t i = 0; i < energies.size(); ++i) {
        const double p = std::exp(static_cast<double>(least - energies[i]));
        sum += p;
        const int mode = modes.mode_of(points[2 * i], points[2 * i + 1]);
        if (mode >= 0) shares[static_cast<std::size_t>(mode)] += p;
    }
    for (double& share : shares)
        share /= sum;
    return shares;
}

ModesView modes_view(std::span<const float> points, const measure::ChainHistory& history,
                     const ModeMap& modes) {
    const measure::ModeShares now = measure::mode_shares(points, modes.count, modes.mode_of);
    ModesView view;
    view.shares = now.shares;
    view.none = now.none;
    view.chains = static_cast<int>(history.chains());
    view.steps = history.steps();
    for (std::size_t chain = 0; chain < history.chains(); ++chain) {
        measure::ModeCrossings crossings(modes.mode_of);
        const std::vector<float> x = history.path("x", chain), y = history.path("y", chain);
        for (std::size_t i = 0; i < x.size(); ++i)
            crossings.add(std::array{x[i], y[i]});
        view.crossings += crossings.total();
    }
    return view;
}

} // namespace ebm::lab
