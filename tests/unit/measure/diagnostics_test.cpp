#include <doctest/doctest.h>

#include "core/base/random.h"
#include "core/measure/diagnostics.h"

#include <cmath>

namespace {

/// x_i = phi x_{i−1} + noise, started in its stationary distribution (variance 1).
std::vector<double> autoregression(double phi, std::size_t length, std::uint32_t chain, double shift = 0) {
    std::vector<double> series;
    double x = 0;
    for (std::uint32_t i = 0; i < length; ++i) {
        const double noise = ebm::random::normals(ebm::random::words({99, {}, 0, chain, i}, 0))[0];
        x = i == 0 ? noise : phi * x + std::sqrt(1 - phi * phi) * noise;
        series.push_back(x + shift);
    }
    return series;
}

} // namespace

DOCTEST_TEST_CASE("autocorrelation of AR(1) is phi^lag") {
    for (const double phi : {-0.6, 0.0, 0.5, 0.9}) {
        DOCTEST_CAPTURE(phi);
        const auto correlation = ebm::measure::autocorrelation(autoregression(phi, 100000, 1), 5);
        DOCTEST_REQUIRE(correlation.size() == 6);
        DOCTEST_CHECK(correlation[0] == 1);
        // Bartlett's formula: at most sqrt((1 + phi²) / (1 − phi²) / n).
        const double error = std::sqrt((1 + phi * phi) / (1 - phi * phi) / 100000.0);
        for (std::size_t lag = 1; lag <= 5; ++lag)
            DOCTEST_CHECK(std::abs(correlation[lag] - std::pow(phi, static_cast<double>(lag))) < 3.5 * error);
    }
}

DOCTEST_TEST_CASE("autocorrelation by hand, and of short and constant series") {
    // 1, 2, 3, 4: deviations −1.5, −.5, .5, 1.5; Σ² = 5; lag 1: .75 − .25 + .75 = 1.25.
    const std::vector<double> series{1, 2, 3, 4};
    const auto correlation = ebm::measure::autocorrelation(series, 100);
    DOCTEST_REQUIRE(correlation.size() == 4);
    DOCTEST_CHECK(correlation[1] == doctest::Approx(0.25));
    DOCTEST_CHECK(correlation[3] == doctest::Approx(-2.25 / 5));
    DOCTEST_CHECK(ebm::measure::autocorrelation({}, 3).empty());
    const std::vector<double> constant(6, 2.0);
    DOCTEST_CHECK(ebm::measure::autocorrelation(constant, 2) == std::vector<double>{1, 1, 1});
}

DOCTEST_TEST_CASE("effective sample size of AR(1) is n (1 − phi) / (1 + phi)") {
    for (const double phi : {-0.3, 0.0, 0.5, 0.9}) {
        DOCTEST_CAPTURE(phi);
        std::vector<std::vector<double>> chains;
        for (std::uint32_t c = 0; c < 4; ++c)
            chains.push_back(autoregression(phi, 20000, c));
        const double expected = 80000 * (1 - phi) / (1 + phi);
        DOCTEST_CHECK(ebm::measure::effective_sample_size(chains) == doctest::Approx(expected).epsilon(0.08));
        DOCTEST_CHECK(ebm::measure::effective_sample_size({chains[0]}) ==
                      doctest::Approx(expected / 4).epsilon(0.15));
    }
}

DOCTEST_TEST_CASE("chains that disagree have few effective samples and a large R-hat") {
    std::vector<std::vector<double>> agree, disagree;
    for (std::uint32_t c = 0; c < 4; ++c) {
        agree.push_back(autoregression(0.5, 5000, c));
        disagree.push_back(autoregression(0.5, 5000, c, c < 2 ? 0 : 3));
    }
    DOCTEST_CHECK(ebm::measure::split_r_hat(agree) == doctest::Approx(1).epsilon(0.003));
    // Halves have means 0, 0, 0, 0, 3, 3, 3, 3 and variance 1: B/n = 9/4 · 8/7.
    DOCTEST_CHECK(ebm::measure::split_r_hat(disagree) ==
                  doctest::Approx(std::sqrt(1 + 18.0 / 7)).epsilon(0.05));
    DOCTEST_CHECK(ebm::measure::effective_sample_size(disagree) < 20);
    // One chain that drifts disagrees with itself.
    std::vector<double> drifting = autoregression(0.0, 4000, 9);
    for (std::size_t i = 0; i < drifting.size(); ++i)
        drifting[i] += i < 2000 ? 0 : 2;
    DOCTEST_CHECK(ebm::measure::split_r_hat({drifting}) > 1.5);
}

DOCTEST_TEST_CASE("too short, unequal or constant chains have no ESS and no R-hat") {
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({})));
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({{1, 2, 3}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({{1, 2, 3, 4}, {1, 2, 3, 4, 5}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({{1, 1, 1, 1, 1}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::split_r_hat({{1, 1, 1, 1, 1}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::split_r_hat({})));
}
