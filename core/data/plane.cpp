#include "core/data/plane.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/data/drawing.h"
#include "core/settings/settings.h"

#include <algorithm>
#include <string>

#define EBM_PLANE_SETS(SET)                                                                                  \
    SET(eight_gaussians)                                                                                     \
    SET(two_moons)                                                                                           \
    SET(two_spirals)                                                                                         \
    SET(swiss_roll)                                                                                          \
    SET(checkerboard)                                                                                        \
    SET(rings)                                                                                               \
    SET(pinwheel)                                                                                            \
    SET(grid_gaussians)

namespace ebm::data {

#define EBM_DECLARE(set) PlaneSet set();
EBM_PLANE_SETS(EBM_DECLARE)
#undef EBM_DECLARE

const std::vector<PlaneSet>& plane_sets() {
#define EBM_CALL(set) set(),
    static const std::vector<PlaneSet> sets = {EBM_PLANE_SETS(EBM_CALL)};
#undef EBM_CALL
    return sets;
}

const PlaneSet& plane_set(std::string_view name) {
    std::vector<std::string_view> names;
    for (const PlaneSet& set : plane_sets()) {
        if (set.name == name) return set;
        names.push_back(set.name);
    }
    throw Error("There is no plane data set of this name", std::string(name), did_you_mean(name, names));
}

std::shared_ptr<const PlaneSet> plane_set_of(const Settings& settings) {
    if (settings.data.set == "drawn")
        return drawn_set(parse_drawing(drawing_of(settings), "setting data.drawing"));
    return {std::shared_ptr<const PlaneSet>(),
            &plane_set(settings.data.set)}; // it lives as long as the program
}

bool is_plane_set(const Settings& settings) {
    return settings.data.set == "drawn" ||
           std::ranges::find(plane_sets(), settings.data.set, &PlaneSet::name) != plane_sets().end();
}

std::vector<float> log_density_grid(const PlaneSet& set, double low, double high, int resolution) {
    if (!set.log_density)
        throw Error("This data set has no exact density", std::string(set.name), "Choose another data set.");
    if (!(low < high) || resolution < 1)
        throw Error("The grid of the density is empty", std::string(set.name),
                    "Give low < high and a resolution of at least 1.");
    const double step = (high - low) / resolution;
    std::vector<float> grid;
    grid.reserve(static_cast<size_t>(resolution) * static_cast<size_t>(resolution));
    for (int row = 0; row < resolution; ++row)
        for (int column = 0; column < resolution; ++column)
            grid.push_back(
                static_cast<float>(set.log_density(low + (column + 0.5) * step, low + (row + 0.5) * step)));
    return grid;
}

} // namespace ebm::data
