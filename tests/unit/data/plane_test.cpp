#include "core/data/plane.h"

#include "core/base/error.h"
#include "core/data/planes/pinwheel.h"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <map>
#include <numbers>
#include <string>

using namespace ebm;

namespace {

constexpr double low = -4, high = 4;
constexpr int resolution = 320;
constexpr double cell_area = (high - low) * (high - low) / (resolution * resolution);

/// The grid of a set; the tests share it because it is the slow part of them.
const std::vector<float>& grid_of(const data::PlaneSet& set) {
    static std::map<std::string_view, std::vector<float>> grids;
    std::vector<float>& grid = grids[set.name];
    if (grid.empty()) grid = data::log_density_grid(set, low, high, resolution);
    return grid;
}

struct Spread {
    double mean = 0, standard_error = 0;
};

Spread surprise_of(const data::PlaneSet& set, const std::vector<float>& points) {
    double sum = 0, squares = 0;
    const double count = static_cast<double>(points.size()) / 2;
    for (size_t i = 0; i < points.size(); i += 2) {
        const double surprise = -set.log_density(points[i], points[i + 1]);
        sum += surprise;
        squares += surprise * surprise;
    }
    const double mean = sum / count;
    return {mean, std::sqrt(std::max(squares / count - mean * mean, 0.0) / count)};
}

} // namespace

DOCTEST_TEST_CASE("plane sets: every density integrates to one") {
    DOCTEST_REQUIRE(data::plane_sets().size() == 8);
    for (const data::PlaneSet& set : data::plane_sets()) {
        DOCTEST_CAPTURE(std::string(set.name));
        double mass = 0;
        for (const float log_density : grid_of(set))
            mass += std::exp(double(log_density)) * cell_area;
        DOCTEST_CHECK(mass == doctest::Approx(1).epsilon(2e-5));
    }
}

DOCTEST_TEST_CASE("plane sets: mean surprise of samples is the entropy of the density") {
    for (const data::PlaneSet& set : data::plane_sets()) {
        DOCTEST_CAPTURE(std::string(set.name));
        double entropy = 0;
        for (const float log_density : grid_of(set))
            if (std::isfinite(log_density))
                entropy -= std::exp(double(log_density)) * log_density * cell_area;
        const Spread surprise = surprise_of(set, set.sample(20000, 1));
        DOCTEST_CHECK(std::abs(surprise.mean - entropy) < 4 * surprise.standard_error + 1e-5);
    }
}

DOCTEST_TEST_CASE("plane sets: samples fill cells as the density says (chi-square)") {
    constexpr int cells = 32, fine = resolution / cells, count = 40000;
    for (const data::PlaneSet& set : data::plane_sets()) {
        DOCTEST_CAPTURE(std::string(set.name));
        std::vector<double> expected(cells * cells), seen(cells * cells);
        const std::vector<float> grid = grid_of(set);
        for (int row = 0; row < resolution; ++row)
            for (int column = 0; column < resolution; ++column)
                expected[row / fine * cells + column / fine] +=
                    count * cell_area * std::exp(double(grid[row * resolution + column]));
        const std::vector<float> points = set.sample(count, 2);
        for (int i = 0; i < count; ++i) {
            const int column = static_cast<int>((points[2 * i] - low) / (high - low) * cells);
            const int row = static_cast<int>((points[2 * i + 1] - low) / (high - low) * cells);
            if (row >= 0 && row < cells && column >= 0 && column < cells) ++seen[row * cells + column];
        }
        double statistic = 0, rare_expected = 0, rare_seen = 0, degrees = 0;
        for (int i = 0; i < cells * cells; ++i) {
            if (expected[i] >= 8) {
                statistic += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
                ++degrees;
            } else {
                rare_expected += expected[i];
                rare_seen += seen[i];
            }
        }
        if (rare_expected >= 8)
            statistic += (rare_seen - rare_expected) * (rare_seen - rare_expected) / rare_expected;
        else
            DOCTEST_CHECK(rare_seen < 30);
        DOCTEST_CHECK(std::abs(statistic - degrees) < 4 * std::sqrt(2 * degrees));
    }
}

DOCTEST_TEST_CASE("plane sets: the moons' density agrees with a brute-force integral, near and far") {
    const data::PlaneSet& moons = data::plane_set("two_moons");
    for (const auto& [x, y] : {std::pair{0.1, 0.9}, {-2.3, -0.4}, {0.8, -0.2}, {2.25, 0.375}, {0.3, 1.0}}) {
        double sum = 0;
        constexpr int steps = 100000;
        for (int i = 0; i < steps; ++i) {
            const double angle = std::numbers::pi * (i + 0.5) / steps;
            const double cx = 1.5 * (std::cos(angle) - 0.5), cy = 1.5 * (std::sin(angle) - 0.25);
            for (const double sign : {1.0, -1.0})
                sum +=
                    std::exp(-((x - sign * cx) * (x - sign * cx) + (y - sign * cy) * (y - sign * cy)) / 0.02);
        }
        const double expected = std::log(sum / steps / 2 / (2 * std::numbers::pi * 0.01));
        DOCTEST_CHECK(moons.log_density(x, y) == doctest::Approx(expected).epsilon(1e-6));
    }
    DOCTEST_CHECK(moons.log_density(40, -40) < -1e5);
    DOCTEST_CHECK(std::isfinite(moons.log_density(40, -40)));
}

DOCTEST_TEST_CASE("plane sets: closed forms at single points") {
    // The centre of one of 25 Gaussians; its neighbours at distance 10 σ add nothing.
    DOCTEST_CHECK(data::plane_set("grid_gaussians").log_density(1, -2) ==
                  doctest::Approx(-std::log(25 * 2 * std::numbers::pi * 0.01)));
    DOCTEST_CHECK(data::plane_set("checkerboard").log_density(-1.5, -1.5) == doctest::Approx(-std::log(8.0)));
    DOCTEST_CHECK(data::plane_set("checkerboard").log_density(-1.5, -0.5) ==
                  -std::numeric_limits<double>::infinity());
    DOCTEST_CHECK(data::plane_set("checkerboard").log_density(2.5, 0.5) ==
                  -std::numeric_limits<double>::infinity());
    DOCTEST_CHECK(
        data::plane_set("rings").log_density(0, 1.5) ==
        doctest::Approx(-std::log(3 * std::sqrt(2 * std::numbers::pi) * 0.08 * 2 * std::numbers::pi * 1.5)));
    for (const data::PlaneSet& set : data::plane_sets())
        DOCTEST_CHECK(!std::isnan(set.log_density(0, 0)));
}

DOCTEST_TEST_CASE("plane sets: samples depend on the seed and not on the count") {
    for (const data::PlaneSet& set : data::plane_sets()) {
        const std::vector<float> few = set.sample(10, 7), many = set.sample(1000, 7),
                                 other = set.sample(10, 8);
        DOCTEST_CHECK(std::equal(few.begin(), few.end(), many.begin()));
        DOCTEST_CHECK(few != other);
        DOCTEST_CHECK(set.sample(0, 7).empty());
    }
}

DOCTEST_TEST_CASE("plane sets: labels are the parts that points were drawn from, equally likely") {
    int with_classes = 0;
    for (const data::PlaneSet& set : data::plane_sets()) {
        DOCTEST_CAPTURE(set.name);
        DOCTEST_CHECK(set.classes.empty() == (set.labels == nullptr));
        if (!set.labels) continue;
        ++with_classes;
        constexpr std::int64_t count = 20000;
        const std::vector<float> points = set.sample(count, 5);
        const std::vector<std::int32_t> labels = set.labels(count, 5);
        DOCTEST_REQUIRE(labels.size() == static_cast<std::size_t>(count));
        std::vector<int> counts(set.classes.size());
        int elsewhere = 0;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            ++counts.at(static_cast<std::size_t>(labels[i]));
            if (!set.mode_of) continue;
            const int nearest = set.mode_of(points[2 * i], points[2 * i + 1]);
            elsewhere += nearest >= 0 && nearest != labels[i];
        }
        // Parts overlap little: 4 standard deviations of the noise reach from one Gaussian of the grid to
        // the next at most.
        DOCTEST_CHECK(elsewhere < count / 1000);
        const double expected = static_cast<double>(count) / static_cast<double>(counts.size());
        for (const int found : counts)
            DOCTEST_CHECK(std::abs(found - expected) < 5 * std::sqrt(expected));
        const std::vector<std::int32_t> few = set.labels(10, 5);
        DOCTEST_CHECK(std::equal(few.begin(), few.end(), labels.begin()));
    }
    DOCTEST_CHECK(with_classes == 7);
}

DOCTEST_TEST_CASE("plane sets: an unknown name gets the nearest known one") {
    try {
        data::plane_set("two-mons");
        DOCTEST_FAIL("no error");
    } catch (const Error& error) {
        DOCTEST_CHECK(error.what_to_do == "Did you mean two_moons?");
    }
    DOCTEST_CHECK_THROWS_AS(data::plane_set(""), Error);
    DOCTEST_CHECK_THROWS_AS(data::log_density_grid(data::plane_set("rings"), 1, 1, 4), Error);
}

DOCTEST_TEST_CASE(
    "plane sets: far away every density is the tail of its noise, at once and without overflow") {
    // The widest standard deviation of each: far away, log p → −R² / (2 σ²). The pinwheel's is 1.4 · 0.3,
    // along its arms.
    const std::map<std::string_view, double> deviations = {
        {"eight_gaussians", 0.2}, {"two_moons", 0.1}, {"two_spirals", 0.1},   {"swiss_roll", 0.1},
        {"rings", 0.08},          {"pinwheel", 0.42}, {"grid_gaussians", 0.1}};
    for (const data::PlaneSet& set : data::plane_sets()) {
        DOCTEST_CAPTURE(std::string(set.name));
        for (const double radius : {1e3, 1e6})
            for (int i = 0; i < 12; ++i) {
                const double x = radius * std::cos(0.1 + i), y = radius * std::sin(0.1 + i);
                const double found = set.log_density(x, y);
                if (set.name == "checkerboard") {
                    DOCTEST_CHECK(found == -std::numeric_limits<double>::infinity());
                    continue;
                }
                const double deviation = deviations.at(set.name);
                // The data reach out to 2.9, so that the distance to them is R − 2.9 at least.
                const double scale = radius * radius / (2 * deviation * deviation);
                DOCTEST_CHECK(-found / scale > 1 - 2 * 2.9 / radius);
                DOCTEST_CHECK(-found / scale < 1 + 2 / radius);
            }
    }
}

DOCTEST_TEST_CASE(
    "pinwheel: the mean over the angle is that of its Gaussian, near and far, whatever the winding") {
    // (1 / 2π) ∫ N(r cos t; 1, 0.3²) N(r sin t; 0, 0.1²) dt / 1.4², relative to exp(−((r − 1) / 0.3)² / 2).
    const auto lift = [](double radius) { return std::pow((radius / 1.4 - 1) / 0.3, 2) / 2; };
    const auto expected = [&](double radius) {
        constexpr int steps = 100000;
        const double r = radius / 1.4;
        double sum = 0;
        for (int i = 0; i < steps; ++i) {
            const double t = 2 * std::numbers::pi * i / steps;
            const double u = (r * std::cos(t) - 1) / 0.3, v = r * std::sin(t) / 0.1;
            sum += std::exp(lift(radius) - (u * u + v * v) / 2);
        }
        return sum / steps / (2 * std::numbers::pi * 0.03 * 1.4 * 1.4);
    };
    const data::PlaneSet& pinwheel = data::plane_set("pinwheel");
    for (const double radius : {0.5, 1.4, 2.5, 4.0, 6.0, 8.3, 8.5, 12.0, 100.0}) {
        DOCTEST_CAPTURE(radius);
        constexpr int steps = 200000;
        double sum = 0;
        for (int i = 0; i < steps; ++i) {
            const double angle = 2 * std::numbers::pi * (i + 0.5) / steps;
            sum += std::exp(pinwheel.log_density(radius * std::cos(angle), radius * std::sin(angle)) +
                            lift(radius));
        }
        // From 3 on the map folds; p is infinite at the folds, and equally spaced angles see that roughly.
        DOCTEST_CHECK(sum / steps == doctest::Approx(expected(radius)).epsilon(radius < 3 ? 1e-6 : 0.03));
    }
}

DOCTEST_TEST_CASE("pinwheel: a point costs a bounded number of preimages, at whatever radius") {
    for (const double radius : {0.0, 1.0, 3.0, 5.0, 7.0, 8.0, 8.39, 8.41, 12.0, 40.0, 1e3, 1e6})
        for (int i = 0; i < 500; ++i) {
            int solved = 0;
            data::pinwheel_log_density(radius * std::cos(0.01257 * i), radius * std::sin(0.01257 * i),
                                       &solved);
            DOCTEST_REQUIRE(solved <= 60);
        }
}

DOCTEST_TEST_CASE(
    "checkerboard: no sample lies outside its squares, those that rounding would carry there included") {
    const data::PlaneSet& board = data::plane_set("checkerboard");
    // These rows are at 1, −1, 1 and 2 if they are rounded to the nearest single-precision number.
    for (const auto& [seed, row] :
         {std::pair<std::uint64_t, std::int64_t>{106, 71}, {110, 10806}, {323, 27108}, {362, 49111}}) {
        const std::vector<float> points = board.sample(row + 1, seed);
        const float x = points[2 * static_cast<size_t>(row)], y = points[2 * static_cast<size_t>(row) + 1];
        DOCTEST_CHECK(board.log_density(x, y) == doctest::Approx(-std::log(8.0)));
        DOCTEST_CHECK(std::min(std::abs(x - std::round(x)), std::abs(y - std::round(y))) < 1e-6);
    }
}
