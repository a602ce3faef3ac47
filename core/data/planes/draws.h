#pragma once

#include "core/base/random.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace ebm::data {

struct Point {
    double x = 0, y = 0;
};

/// The random numbers of one sample of a generated data set.
class Draws {
public:
    /// Keeps generated points apart from other users of Stream::data.
    static constexpr std::uint32_t group = 1;

    Draws(std::uint64_t seed, std::int64_t sample)
        : place_{seed, random::Stream::data, group, static_cast<std::uint32_t>(sample),
                 static_cast<std::uint32_t>(static_cast<std::uint64_t>(sample) >> 32)} {}

    /// Uniform in (0, 1), number `index` of this sample, with 32 random bits.
    double uniform(std::uint32_t index) const {
        const random::Words w = random::words(place_, 2 * (index / 4));
        return (w[index % 4] + 0.5) * 0x1p-32;
    }

    /// Uniform among 0 … count − 1, from the same source as uniform(index).
    int choice(std::uint32_t index, int count) const { return static_cast<int>(uniform(index) * count); }

    /// Two independent standard normals, pair `index` of this sample. Independent of every uniform.
    std::array<double, 2> normal_pair(std::uint32_t index) const {
        const std::array<float, 4> z = random::normals(random::words(place_, 2 * (index / 2) + 1));
        return {z[2 * (index % 2)], z[2 * (index % 2) + 1]};
    }

private:
    random::Place place_;
};

/// [count][2] points, one call of `point(const Draws&)` each.
template <class PointOf>
std::vector<float> sample_points(std::int64_t count, std::uint64_t seed, PointOf&& point) {
    std::vector<float> points;
    points.reserve(2 * static_cast<size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const Point p = point(Draws(seed, i));
        points.push_back(static_cast<float>(p.x));
        points.push_back(static_cast<float>(p.y));
    }
    return points;
}

/// [count] parts that the points of sample_points were drawn from, one call of `part(const Draws&)` each.
template <class PartOf>
std::vector<std::int32_t> sample_labels(std::int64_t count, std::uint64_t seed, PartOf&& part) {
    std::vector<std::int32_t> labels;
    labels.reserve(static_cast<size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
        labels.push_back(part(Draws(seed, i)));
    return labels;
}

} // namespace ebm::data
