#include "core/measure/quadrature.h"

#include "core/base/error.h"
#include "core/data/plane.h"

#include <cmath>
#include <doctest/doctest.h>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

using namespace ebm;
using measure::Divergence;
using measure::Effort;
using measure::PlaneQuadrature;
using measure::Square;

namespace {

using Function = std::function<double(double x, double y)>;
const double infinity = std::numeric_limits<double>::infinity();

measure::EnergyOfPoints energy_of(Function function) {
    return [function](std::span<const float> points) {
        std::vector<float> energies;
        for (std::size_t i = 0; i < points.size(); i += 2)
            energies.push_back(static_cast<float>(function(points[i], points[i + 1])));
        return energies;
    };
}

double log_gaussian(double x, double y, double mean, double deviation) {
    const double u = (x - mean) / deviation, v = y / deviation;
    return -0.5 * (u * u + v * v) - std::log(2 * std::numbers::pi * deviation * deviation);
}

Divergence kl(const Square& square, const Function& log_p, const Function& energy, const Effort& effort = {},
              std::vector<float> data = {}) {
    return PlaneQuadrature(square, log_p, std::move(data), effort).divergence(energy_of(energy));
}

/// The midpoint rule on equal cells, without refinement.
double kl_on_grid(const Square& square, const Function& log_p, const Function& energy, int resolution) {
    const double cell = (square.high - square.low) / resolution, area = cell * cell;
    double p = 0, cross = 0, z = 0;
    for (int row = 0; row < resolution; ++row)
        for (int column = 0; column < resolution; ++column) {
            const double x = square.low + (column + 0.5) * cell, y = square.low + (row + 0.5) * cell;
            const double l = log_p(x, y), e = energy(x, y);
            z += std::exp(-e) * area;
            if (std::isinf(l)) continue;
            p += std::exp(l) * area;
            cross += std::exp(l) * area * (l + e);
        }
    return cross / p - std::log(p) + std::log(z);
}

} // namespace

DOCTEST_TEST_CASE("quadrature: log Z of a Gaussian mixture is its weights' sum") {
    const auto energy = energy_of([](double x, double y) {
        return -std::log(3 * std::exp(log_gaussian(x, y, -1, 0.4)) +
                         4 * std::exp(log_gaussian(x, y, 1.5, 0.3)));
    });
    const measure::Partition z = measure::log_partition(energy, {}, {});
    DOCTEST_CHECK(z.log_partition == doctest::Approx(std::log(7.0)).epsilon(1e-5));
    DOCTEST_CHECK(z.error < 0.003);
}

DOCTEST_TEST_CASE("quadrature: a well that is narrower than a cell is found and resolved") {
    // Standard deviation 0.015 in cells of 1/16, in a broad bowl that leads to it. exp(−E) is the sum of
    // both.
    const Function log_q = [](double x, double y) {
        return std::log(std::exp(log_gaussian(x, y, 0.333, 0.015)) + std::exp(log_gaussian(x, y, 0.3, 0.5)));
    };
    const auto energy = energy_of([&](double x, double y) { return -log_q(x, y); });
    const measure::Partition z = measure::log_partition(energy, {}, {});
    DOCTEST_CHECK(std::abs(z.log_partition - std::log(2.0)) <= z.error + 1e-4);
    DOCTEST_CHECK(z.error < 0.02);
}

DOCTEST_TEST_CASE("quadrature: approximate energies of the first cells are replaced where they matter") {
    const Function bowl = [](double x, double y) { return 5 * (x * x + y * y); };
    std::vector<float> first;
    for (int row = 0; row < 128; ++row)
        for (int column = 0; column < 128; ++column)
            first.push_back(static_cast<float>(bowl(-4 + (column + 0.5) / 16, -4 + (row + 0.5) / 16) +
                                               0.01 * std::sin(row + 3.0 * column)));
    std::int64_t evaluated = 0;
    const auto energy = [&](std::span<const float> points) {
        evaluated += static_cast<std::int64_t>(points.size() / 2);
        return energy_of(bowl)(points);
    };
    const measure::Partition z = measure::log_partition(energy, {}, {128, 6000, 2e-3}, first);
    DOCTEST_CHECK(z.log_partition == doctest::Approx(std::log(std::numbers::pi / 5)).epsilon(1e-5));
    DOCTEST_CHECK(evaluated < 128 * 128 / 4);
}

DOCTEST_TEST_CASE("quadrature: KL between Gaussians is the closed form, whatever the energy's offset") {
    const double s0 = 0.5, s1 = 0.6, distance = 0.3;
    for (const double offset : {0.0, 5000.0, -5000.0}) {
        const Divergence d = kl(
            {}, [&](double x, double y) { return log_gaussian(x, y, 0, s0); },
            [&](double x, double y) { return offset - log_gaussian(x, y, distance, s1); });
        const double expected =
            2 * std::log(s1 / s0) + (2 * s0 * s0 + distance * distance) / (2 * s1 * s1) - 1;
        // Single-precision energies around 5000 carry an error of 2.4e-4 each, which averages out.
        DOCTEST_CHECK(std::abs(d.kl - expected) < (offset == 0 ? 1e-5 : 1e-4));
        DOCTEST_CHECK(d.error < 1e-4);
        DOCTEST_CHECK(d.data_mass == doctest::Approx(1).epsilon(1e-5));
        DOCTEST_CHECK(d.log_partition == doctest::Approx(-offset).epsilon(1e-5));
        DOCTEST_CHECK(d.note().empty());
    }
}

DOCTEST_TEST_CASE(
    "quadrature: KL of data with edges is the closed form within its error, where a plain grid is not") {
    // p uniform on [−1, 1]², E = (x / w)¹⁶ + (y / w)¹⁶: walls as steep as a network learns them.
    // ∫ exp(−(x / w)¹⁶) dx = 2 w Γ(17/16), the mean of (x / w)¹⁶ is w⁻¹⁶ / 17.
    const Function log_p = [](double x, double y) {
        return std::max(std::abs(x), std::abs(y)) < 1 ? -std::log(4.0) : -infinity;
    };
    for (const double w : {1.05, 1.0}) {
        const Function energy = [w](double x, double y) { return std::pow(x / w, 16) + std::pow(y / w, 16); };
        const double expected =
            -std::log(4.0) + 2 * std::pow(w, -16) / 17 + 2 * std::log(2 * w * std::tgamma(17.0 / 16));
        // Edges on the borders of cells, and edges that cut cells.
        for (const double half : {4.0, 3.7}) {
            DOCTEST_CAPTURE(w);
            DOCTEST_CAPTURE(half);
            const Square square{-half, half};
            const Divergence quick = kl(square, log_p, energy);
            DOCTEST_CHECK(std::abs(quick.kl - expected) <= quick.error);
            DOCTEST_CHECK(quick.error < 0.06 * expected);
            DOCTEST_CHECK(std::abs(quick.data_mass - 1) <= quick.data_mass_error + 1e-6);
            if (w == 1.0) continue;
            const Divergence slow = kl(square, log_p, energy, measure::thorough);
            DOCTEST_CHECK(std::abs(slow.kl - expected) <= slow.error + 1e-6);
            DOCTEST_CHECK(slow.error < 0.005 * expected);
            DOCTEST_CHECK(std::abs(slow.data_mass - 1) < 1e-3);
        }
        // What the plain grid of 256² says in the second case.
        DOCTEST_CHECK(std::abs(kl_on_grid({-3.7, 3.7}, log_p, energy, 256) - expected) > 0.005 * expected);
    }
}

DOCTEST_TEST_CASE("quadrature: a box fifty times larger than the data gives the same KL") {
    const Function log_p = [](double x, double y) { return log_gaussian(x, y, 0.7, 0.1); };
    const Function energy = [](double x, double y) { return -log_gaussian(x, y, 0.72, 0.12); };
    const double expected = 2 * std::log(1.2) + (2 * 0.01 + 0.0004) / (2 * 0.0144) - 1;
    std::vector<float> data;
    for (int i = 0; i < 200; ++i) {
        data.push_back(0.7f + 0.2f * std::sin(static_cast<float>(i)));
        data.push_back(0.2f * std::cos(1.7f * static_cast<float>(i)));
    }
    for (const Effort& effort : {Effort{}, measure::thorough}) {
        const Divergence d = kl({-100, 100}, log_p, energy, effort, data);
        DOCTEST_CHECK(std::abs(d.kl - expected) <= d.error + 1e-5);
        DOCTEST_CHECK(d.error < 0.1 * expected);
        DOCTEST_CHECK(d.note().empty());
    }
    DOCTEST_CHECK(std::abs(kl_on_grid({-100, 100}, log_p, energy, 256) - expected) > 0.1 * expected);
}

DOCTEST_TEST_CASE("quadrature: a box that cuts data off says so, with the mass that is left") {
    const Function log_p = [](double x, double y) { return log_gaussian(x, y, 0, 0.5); };
    const Divergence d = kl({-1, 1}, log_p, [](double, double) { return 0.0; });
    const double inside =
        std::pow(std::erf(2 / std::numbers::sqrt2), 2); // within two deviations along both axes
    DOCTEST_CHECK(d.data_mass == doctest::Approx(inside).epsilon(1e-4));
    DOCTEST_CHECK(d.note().find("cuts off 8.89 % of the data") != std::string::npos);
    const Divergence unresolved{0.01, 0.5, 0, 0, 1, 0};
    DOCTEST_CHECK(unresolved.note().find("error of KL is not small") != std::string::npos);
}

DOCTEST_TEST_CASE(
    "quadrature: KL of every plane set with itself is zero, and of zero density is not counted") {
    for (const data::PlaneSet& set : data::plane_sets()) {
        DOCTEST_CAPTURE(std::string(set.name));
        const auto energy = energy_of([&](double x, double y) {
            const double log_density = set.log_density(x, y);
            return std::isfinite(log_density) ? -log_density : 60.0;
        });
        const Divergence d = PlaneQuadrature({}, set.log_density, {}, Effort{}).divergence(energy);
        DOCTEST_CHECK(std::abs(d.kl) < 2e-4);
    }
    // Uniform on the box against the checkerboard's half of a quarter: log(64 / 8).
    const Divergence flat =
        kl({}, data::plane_set("checkerboard").log_density, [](double, double) { return 0.0; });
    DOCTEST_CHECK(flat.kl == doctest::Approx(std::log(8.0)));
}

DOCTEST_TEST_CASE("quadrature: what makes no sense is an error") {
    const Function nothing = [](double, double) { return -infinity; },
                   flat = [](double, double) { return 0.0; };
    DOCTEST_CHECK_THROWS_AS(kl({}, nothing, flat), Error);
    DOCTEST_CHECK_THROWS_AS(kl({}, flat, [](double, double) { return NAN; }), Error);
    DOCTEST_CHECK_THROWS_AS(
        measure::log_partition(energy_of([](double x, double) { return x > 3 ? infinity : 0; }), {}, {}),
        Error);
}
