#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Two-dimensional data sets with exact samples and exact densities.
///
/// A new set is one file in planes/ that defines `PlaneSet its_name()`, and one line in the list of
/// plane.cpp.
namespace ebm {
struct Settings;
}

namespace ebm::data {

struct PlaneSet {
    std::string_view name;        ///< as in scene files: two_moons
    std::string_view title;       ///< as on screen: Two moons
    std::string_view description; ///< one sentence with the numbers that define the set

    /// Independent exact samples, [count][2]. A pure function of its arguments: sample i of a seed is the
    /// same whatever the count.
    std::function<std::vector<float>(std::int64_t count, std::uint64_t seed)> sample = nullptr;

    /// log p(x, y) in nats, normalised over the whole plane; −∞ where the density is zero. Null if there is
    /// no exact density.
    std::function<double(double x, double y)> log_density = nullptr;

    /// Equally likely parts of the set that chains must find one by one; 0 if it has none that can be told
    /// apart.
    int modes = 0;
    /// The mode that a point belongs to, 0 … modes − 1: the one that it most likely comes from. −1 for a
    /// point that is farther from all of them than four standard deviations of the noise. Null without modes.
    int (*mode_of)(double x, double y) = nullptr;

    /// What the parts that a point can be drawn from are called; empty if the set is one whole.
    std::vector<std::string> classes = {};
    /// The part, 0 … classes.size() − 1, that each point of `sample(count, seed)` was drawn from. Where parts
    /// overlap it need not be the likeliest one. Null without classes.
    std::vector<std::int32_t> (*labels)(std::int64_t count, std::uint64_t seed) = nullptr;
};

/// All sets, in the order in which they are offered.
const std::vector<PlaneSet>& plane_sets();

/// The set of that name. Throws Error with the nearest known name.
const PlaneSet& plane_set(std::string_view name);

/// The set that settings.data describes: one of plane_sets, or the drawing of data.drawing. Throws Error for
/// another name, or where nothing is drawn.
std::shared_ptr<const PlaneSet> plane_set_of(const Settings& settings);
/// Whether settings.data is such a set.
bool is_plane_set(const Settings& settings);

/// log p at the centres of resolution × resolution square cells that tile [low, high]². Cell (row, column) is
/// element row * resolution + column, its centre (low + (column + ½) h, low + (row + ½) h) with h = (high −
/// low) / resolution: y grows with the row. Throws Error if the set has no exact density.
std::vector<float> log_density_grid(const PlaneSet& set, double low, double high, int resolution);

} // namespace ebm::data
