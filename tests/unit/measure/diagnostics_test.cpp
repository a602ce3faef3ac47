#include <doctest/doctest.h>

#include "core/base/random.h"
#include "core/measure/chain_history.h"

#include <cmath>
#include <limits>
#include <numbers>

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

namespace {

/// Numbers that Python makes too: s ← 6364136223846793005 s + 1442695040888963407 mod 2⁶⁴, s >> 11 over 2⁵³.
std::vector<double> congruential(std::size_t count, std::uint64_t state) {
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        state = 6364136223846793005u * state + 1442695040888963407u;
        values.push_back(static_cast<double>(state >> 11) * 0x1p-53);
    }
    return values;
}

/// chains × draws of v ← phi v + (u − ½), plus shift · chain.
ebm::measure::Chains driven(double phi, std::size_t chains, std::size_t draws, std::uint64_t seed,
                            double shift = 0) {
    const std::vector<double> u = congruential(chains * draws, seed);
    ebm::measure::Chains result(chains);
    for (std::size_t c = 0; c < chains; ++c) {
        double v = 0;
        for (std::size_t i = 0; i < draws; ++i) {
            v = phi * v + (u[c * draws + i] - 0.5);
            result[c].push_back(v + shift * static_cast<double>(c));
        }
    }
    return result;
}

void check_against_arviz(const ebm::measure::Chains& chains, double mean, double bulk, double split,
                         double rank) {
    DOCTEST_CHECK(ebm::measure::effective_sample_size(chains) == doctest::Approx(mean).epsilon(1e-8));
    DOCTEST_CHECK(ebm::measure::bulk_effective_sample_size(chains) == doctest::Approx(bulk).epsilon(1e-8));
    DOCTEST_CHECK(ebm::measure::split_r_hat(chains) == doctest::Approx(split).epsilon(1e-8));
    DOCTEST_CHECK(ebm::measure::rank_r_hat(chains) == doctest::Approx(rank).epsilon(1e-8));
}

} // namespace

// The numbers are those of ArviZ 0.23.4 for the chains made above (in Python with the same formulas):
//     az.ess(a, method="mean"), az.ess(a, method="bulk"), and of arviz.stats.diagnostics
//     _rhat(_split_chains(a)), max(_rhat(_z_scale(s)), _rhat(_z_scale(abs(s - median(s))))) with s =
//     _split_chains(a).
DOCTEST_TEST_CASE("ESS and R-hat are ArviZ's: one and several chains, odd lengths, antithetic, shifted, "
                  "heavy tails, ties") {
    check_against_arviz(driven(0.7, 4, 250, 1), 215.9655132, 215.986593, 1.002157508, 1.006030567);
    check_against_arviz(driven(0.7, 3, 101, 2), 44.57965857, 45.40670984, 1.059561554, 1.056898722);
    check_against_arviz(driven(-0.6, 2, 400, 3), 2322.47199, 2322.47199, 0.9979321375, 1.01058133);
    check_against_arviz(driven(0.95, 4, 200, 4, 0.7), 5.806687937, 5.936345711, 1.937684291, 1.889809397);
    ebm::measure::Chains cauchy(4), ties(2), spread = driven(0, 2, 200, 7);
    const std::vector<double> u = congruential(1200, 5), v = congruential(120, 6);
    for (std::size_t i = 0; i < u.size(); ++i)
        cauchy[i / 300].push_back(std::tan(std::numbers::pi * (u[i] - 0.5)));
    check_against_arviz(cauchy, 1218.161668, 1349.517305, 1.000173173, 1.000398856);
    for (std::size_t i = 0; i < v.size(); ++i)
        ties[i / 60].push_back(std::floor(v[i] * 3));
    check_against_arviz(ties, 196.4091632, 194.7631199, 0.9879314055, 1.00533556);
    for (double& value : spread[1])
        value *= 4;
    check_against_arviz(spread, 408.7612789, 408.281656, 1.004838879, 1.373059607);
    check_against_arviz({{1, 3, 2, 5}}, 2.408239965, 2.408239965, 0.919866211, 0.8995624064);
    check_against_arviz({{1, 3, 2, 5, 4}}, 2.408239965, 2.408239965, 1.732050808, 1.932361682);
    check_against_arviz({{1, 3, 2, 5, 4, 0, 2}}, 4.668907502, 4.668907502, 0.8164965809, 0.9660917831);
}

DOCTEST_TEST_CASE("R-hat of chains that stand still at different places is infinite, ESS is that of ArviZ") {
    const double infinity = std::numeric_limits<double>::infinity();
    const ebm::measure::Chains stuck{std::vector<double>(10, 1.0), std::vector<double>(10, 2.0)};
    DOCTEST_CHECK(ebm::measure::split_r_hat(stuck) == infinity);
    DOCTEST_CHECK(ebm::measure::rank_r_hat(stuck) == infinity);
    DOCTEST_CHECK(ebm::measure::effective_sample_size(stuck) == doctest::Approx(5));
}

DOCTEST_TEST_CASE("ESS and R-hat that cannot be had are NaN, with the reason") {
    const auto reason = ebm::measure::why_unknown;
    DOCTEST_CHECK(reason({}) == "there is no chain");
    DOCTEST_CHECK(reason({{1, 2, 3}}) == "four steps are needed, there are 3");
    DOCTEST_CHECK(reason({{1, 2, 3, 4}, {1, 2, 3, 4, 5}}) == "the chains are not equally long");
    DOCTEST_CHECK(reason({{1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}}) == "nothing has moved");
    DOCTEST_CHECK(reason({{1, 2, NAN, 4}}) == "a value is not finite");
    DOCTEST_CHECK(reason({{1, 2, 3, 4}}).empty());
    DOCTEST_CHECK(std::isnan(ebm::measure::rank_r_hat({{1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}})));
}

DOCTEST_TEST_CASE(
    "a history of chains: ESS and R-hat over the last steps, of the statistic that mixes worst") {
    using ebm::measure::ChainHistory;
    ChainHistory history({"energy", "x"});
    DOCTEST_CHECK(std::isnan(history.mixing().r_hat));
    DOCTEST_CHECK_FALSE(history.mixing().reason.empty());
    // 600 steps of three chains: an energy that mixes, an x that does not. 512 of them are kept.
    ebm::measure::Chains fast(3), slow(3);
    for (std::uint32_t c = 0; c < 3; ++c) {
        fast[c] = autoregression(0.2, 600, c);
        slow[c] = autoregression(0.97, 600, 10 + c);
    }
    for (std::size_t i = 0; i < 600; ++i) {
        std::vector<std::vector<float>> step(2);
        for (std::size_t c = 0; c < 3; ++c) {
            step[0].push_back(static_cast<float>(fast[c][i]));
            step[1].push_back(static_cast<float>(slow[c][i]));
        }
        history.add(step);
    }
    ebm::measure::Chains kept;
    for (const auto& chain : slow)
        kept.emplace_back(chain.end() - 512, chain.end());
    ebm::measure::Mixing mixing = history.mixing();
    DOCTEST_CHECK(mixing.reason.empty());
    DOCTEST_CHECK(mixing.chains == 3);
    DOCTEST_CHECK(mixing.draws == 512);
    DOCTEST_CHECK(mixing.slowest == "x");
    DOCTEST_CHECK(mixing.effective_samples ==
                  doctest::Approx(ebm::measure::bulk_effective_sample_size(kept)).epsilon(1e-4));
    DOCTEST_CHECK(mixing.r_hat == doctest::Approx(ebm::measure::rank_r_hat(kept)).epsilon(1e-4));
    // A chain that somebody moved is left out until its steps of before are forgotten.
    history.restarted(1);
    DOCTEST_CHECK(history.mixing().chains == 2);
    history.restarted(0);
    history.restarted(2);
    mixing = history.mixing();
    DOCTEST_CHECK(std::isnan(mixing.effective_samples));
    DOCTEST_CHECK(mixing.reason == "every chain was restarted within the last 512 steps");
    // When all were moved, the steps since then are enough by and by.
    const auto again = [&](std::size_t i) {
        std::vector<std::vector<float>> step(2);
        for (std::size_t c = 0; c < 3; ++c) {
            step[0].push_back(static_cast<float>(fast[c][i]));
            step[1].push_back(static_cast<float>(slow[c][i]));
        }
        return step;
    };
    for (std::size_t i = 0; i < 100; ++i)
        history.add(again(i));
    ebm::measure::Chains since;
    for (const auto& chain : slow)
        since.emplace_back(chain.begin(), chain.begin() + 100);
    mixing = history.mixing();
    DOCTEST_CHECK(mixing.chains == 3);
    DOCTEST_CHECK(mixing.draws == 100);
    DOCTEST_CHECK(mixing.r_hat == doctest::Approx(ebm::measure::rank_r_hat(since)).epsilon(1e-4));
    // Another number of chains begins anew.
    history.add({{1, 2}, {1, 2}});
    DOCTEST_CHECK(history.steps() == 1);
}

DOCTEST_TEST_CASE("too short, unequal or constant chains have no ESS and no R-hat") {
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({})));
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({{1, 2, 3}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({{1, 2, 3, 4}, {1, 2, 3, 4, 5}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::effective_sample_size({{1, 1, 1, 1, 1}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::split_r_hat({{1, 1, 1, 1, 1}})));
    DOCTEST_CHECK(std::isnan(ebm::measure::split_r_hat({})));
}
