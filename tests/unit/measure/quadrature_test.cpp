#include "core/measure/quadrature.h"

#include "core/base/error.h"
#include "core/data/plane.h"

#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <numbers>
#include <vector>

using namespace ebm;

namespace {

constexpr int resolution = 256;
constexpr double low = -4, high = 4, step = (high - low) / resolution;

template <class Function>
std::vector<float> on_grid(const Function& function) {
    std::vector<float> values;
    for (int row = 0; row < resolution; ++row)
        for (int column = 0; column < resolution; ++column)
            values.push_back(
                static_cast<float>(function(low + (column + 0.5) * step, low + (row + 0.5) * step)));
    return values;
}

double log_gaussian(double x, double y, double mean, double deviation) {
    const double u = (x - mean) / deviation, v = y / deviation;
    return -0.5 * (u * u + v * v) - std::log(2 * std::numbers::pi * deviation * deviation);
}

} // namespace

DOCTEST_TEST_CASE("quadrature: log Z of a Gaussian mixture is its weights' sum") {
    const auto energies = on_grid([](double x, double y) {
        return -std::log(3 * std::exp(log_gaussian(x, y, -1, 0.4)) +
                         4 * std::exp(log_gaussian(x, y, 1.5, 0.3)));
    });
    DOCTEST_CHECK(measure::log_partition(energies, step * step) ==
                  doctest::Approx(std::log(7.0)).epsilon(1e-6));
}

DOCTEST_TEST_CASE("quadrature: KL between Gaussians is the closed form, whatever the energy's offset") {
    const double s0 = 0.5, s1 = 0.6, distance = 0.3;
    const auto p = on_grid([&](double x, double y) { return log_gaussian(x, y, 0, s0); });
    for (const double offset : {0.0, 5000.0, -5000.0}) {
        const auto energies =
            on_grid([&](double x, double y) { return offset - log_gaussian(x, y, distance, s1); });
        const measure::Divergence d = measure::data_model_divergence(p, energies, step * step);
        const double expected =
            2 * std::log(s1 / s0) + (2 * s0 * s0 + distance * distance) / (2 * s1 * s1) - 1;
        // Single-precision energies around 5000 carry an error of 2.4e-4 each, which averages out.
        DOCTEST_CHECK(std::abs(d.kl - expected) < (offset == 0 ? 1e-5 : 1e-4));
        DOCTEST_CHECK(d.data_mass == doctest::Approx(1).epsilon(1e-5));
        DOCTEST_CHECK(d.log_partition == doctest::Approx(-offset).epsilon(1e-5));
    }
}

DOCTEST_TEST_CASE(
    "quadrature: KL of every plane set with itself is zero, and of zero density is not counted") {
    for (const data::PlaneSet& set : data::plane_sets()) {
        const std::vector<float> p = data::log_density_grid(set, low, high, resolution);
        std::vector<float> energies;
        for (const float log_density : p)
            energies.push_back(std::isfinite(log_density) ? -log_density : 60.0f);
        DOCTEST_CHECK(std::abs(measure::data_model_divergence(p, energies, step * step).kl) < 1e-5);
    }
    // Uniform on the box against the checkerboard's half of a quarter: log(64 / 8).
    const std::vector<float> p =
        data::log_density_grid(data::plane_set("checkerboard"), low, high, resolution);
    const std::vector<float> flat(p.size(), 0.0f);
    DOCTEST_CHECK(measure::data_model_divergence(p, flat, step * step).kl == doctest::Approx(std::log(8.0)));
}

DOCTEST_TEST_CASE("quadrature: what makes no sense is an error") {
    const std::vector<float> two = {0, 0}, one = {0}, bad = {0, NAN};
    const float minus_infinity = -std::numeric_limits<float>::infinity();
    const std::vector<float> nothing = {minus_infinity, minus_infinity};
    DOCTEST_CHECK_THROWS_AS(measure::data_model_divergence(two, one, 1), Error);
    DOCTEST_CHECK_THROWS_AS(measure::data_model_divergence(two, bad, 1), Error);
    DOCTEST_CHECK_THROWS_AS(measure::data_model_divergence(nothing, two, 1), Error);
    DOCTEST_CHECK_THROWS_AS(measure::data_model_divergence(two, two, 0), Error);
    DOCTEST_CHECK(measure::log_sum_exp({}) == minus_infinity);
    DOCTEST_CHECK(measure::log_sum_exp(std::vector<float>{1000, 1000}) ==
                  doctest::Approx(1000 + std::log(2.0)));
}
