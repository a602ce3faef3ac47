#include "core/measure/classification.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace ebm;
using measure::Detection;

namespace {

/// Energies with many ties: normals around `mean`, rounded to `step`.
std::vector<float> energies(size_t count, float mean, float step, std::uint64_t seed) {
    std::vector<float> values;
    for (std::uint32_t i = 0; i < count; ++i) {
        const float z = random::normals(random::words({seed, random::Stream::data, 0, i, 0}, 0))[0];
        values.push_back(std::round((mean + z) / step) * step);
    }
    return values;
}

/// Share of pairs in which the in-distribution energy is the lower one, ties counted half.
double auroc_by_pairs(const std::vector<float>& in, const std::vector<float>& out) {
    double wins = 0;
    for (const float i : in)
        for (const float o : out)
            wins += i < o ? 1 : i == o ? 0.5 : 0;
    return wins / (static_cast<double>(in.size()) * static_cast<double>(out.size()));
}

/// The least false-positive rate over all thresholds with at least 95 % of "in" at or below them.
double fpr_by_search(const std::vector<float>& in, const std::vector<float>& out) {
    const auto below = [](const std::vector<float>& values, float threshold) {
        double count = 0;
        for (const float v : values)
            count += v <= threshold;
        return count / static_cast<double>(values.size());
    };
    double best = 1;
    for (const float threshold : in)
        if (below(in, threshold) >= 0.95) best = std::min(best, below(out, threshold));
    return best;
}

} // namespace

DOCTEST_TEST_CASE("detection: AUROC and FPR agree with brute force, with and without ties") {
    for (const float step : {1e-4f, 0.25f, 1.0f})
        for (const float shift : {-1.0f, 0.0f, 0.7f, 3.0f}) {
            const std::vector<float> in = energies(217, 0, step, 1), out = energies(180, shift, step, 2);
            const Detection d = measure::detection(in, out);
            DOCTEST_CHECK(d.auroc == doctest::Approx(auroc_by_pairs(in, out)).epsilon(1e-12));
            DOCTEST_CHECK(d.fpr_at_95_tpr == doctest::Approx(fpr_by_search(in, out)).epsilon(1e-12));
            DOCTEST_CHECK(d.in_count == 217);
            DOCTEST_CHECK(d.out_count == 180);
        }
}

DOCTEST_TEST_CASE("detection: the normal shift has a closed form") {
    const std::vector<float> in = energies(20000, 0, 1e-5f, 3), out = energies(20000, 1, 1e-5f, 4);
    const Detection d = measure::detection(in, out);
    const double expected = 0.5 * std::erfc(-1 / std::sqrt(2.0) / std::sqrt(2.0)); // Φ(1 / √2)
    DOCTEST_CHECK(std::abs(d.auroc - expected) < 0.01);
    const double fpr = 0.5 * std::erfc(-(1.6449 - 1) / std::sqrt(2.0)); // Φ(1.645 − 1)
    DOCTEST_CHECK(std::abs(d.fpr_at_95_tpr - fpr) < 0.02);
}

DOCTEST_TEST_CASE("detection: low energy of the other set means AUROC below one half") {
    const std::vector<float> low = {1, 2, 3}, high = {4, 5, 6}, same = {7, 7, 7};
    DOCTEST_CHECK(measure::detection(low, high).auroc == 1);
    DOCTEST_CHECK(measure::detection(low, high).fpr_at_95_tpr == 0);
    DOCTEST_CHECK(measure::detection(high, low).auroc == 0);
    DOCTEST_CHECK(measure::detection(same, same).auroc == 0.5);
    DOCTEST_CHECK(measure::detection(same, same).fpr_at_95_tpr == 1);
    const std::vector<float> infinite = {std::numeric_limits<float>::infinity()};
    DOCTEST_CHECK(measure::detection(low, infinite).auroc == 1);
}

DOCTEST_TEST_CASE("detection: the curve is short, monotone, and its area is the AUROC") {
    const std::vector<float> in = energies(5000, 0, 1e-5f, 5), out = energies(4000, 0.5f, 1e-5f, 6);
    const Detection d = measure::detection(in, out);
    DOCTEST_REQUIRE(d.curve.size() <= 200);
    DOCTEST_CHECK(d.curve.size() > 150);
    DOCTEST_CHECK(d.curve.front().true_positive_rate == 0);
    DOCTEST_CHECK(d.curve.back().true_positive_rate == 1);
    DOCTEST_CHECK(d.curve.back().false_positive_rate == 1);
    double area = 0;
    for (size_t i = 1; i < d.curve.size(); ++i) {
        const auto [f0, t0] = d.curve[i - 1];
        const auto [f1, t1] = d.curve[i];
        DOCTEST_CHECK(f1 >= f0);
        DOCTEST_CHECK(t1 >= t0);
        area += (double(f1) - f0) * (double(t0) + t1) / 2;
    }
    DOCTEST_CHECK(area == doctest::Approx(d.auroc).epsilon(1e-3));
    DOCTEST_CHECK(measure::detection(in, out, 2).curve.size() == 2);
}

DOCTEST_TEST_CASE("detection: empty sets and not-a-number are errors") {
    const std::vector<float> some = {1, 2}, nan = {1, NAN};
    DOCTEST_CHECK_THROWS_AS(measure::detection({}, some), Error);
    DOCTEST_CHECK_THROWS_AS(measure::detection(some, {}), Error);
    DOCTEST_CHECK_THROWS_AS(measure::detection(some, nan), Error);
}

DOCTEST_TEST_CASE("detection: average precision and DeLong's error of small cases by hand, ties among them") {
    // Thresholds 1: one of "in" (precision 1), 2: in 2, out 1 (2/3), 3: out 2, 4: in 3, out 3 (1/2).
    const std::vector<float> in = {1, 2, 4}, out = {2, 3, 4};
    const Detection d = measure::detection(in, out);
    DOCTEST_CHECK(d.aupr == doctest::Approx((1 + 2.0 / 3 + 0.5) / 3).epsilon(1e-12));
    // Placements of "in": 1, 5/6, 1/6, of "out": 1/2, 2/3, 5/6; their means are the AUROC 2/3.
    DOCTEST_CHECK(d.auroc == doctest::Approx(2.0 / 3).epsilon(1e-12));
    const double in_variance = (std::pow(1 - 2.0 / 3, 2) + std::pow(5.0 / 6 - 2.0 / 3, 2) +
                                std::pow(1.0 / 6 - 2.0 / 3, 2)) /
                               2 / 3,
                 out_variance = (1.0 / 36 + 0 + 1.0 / 36) / 2 / 3;
    DOCTEST_CHECK(d.auroc_error == doctest::Approx(std::sqrt(in_variance + out_variance)).epsilon(1e-9));
    DOCTEST_CHECK(d.auroc_low < d.auroc);
    DOCTEST_CHECK(d.auroc_high > d.auroc);

    // All the same: every threshold takes all, so precision is the share of "in".
    const std::vector<float> same(4, 7.0f), one(1, 7.0f);
    const Detection equal = measure::detection(same, same);
    DOCTEST_CHECK(equal.auroc == 0.5);
    DOCTEST_CHECK(equal.aupr == 0.5);
    DOCTEST_CHECK(equal.fpr_at_95_tpr == 1);

    // Told apart: the interval is not empty. 0.025^(1/4).
    const Detection apart = measure::detection(std::vector<float>{1, 2, 3, 4}, std::vector<float>(9, 8.0f));
    DOCTEST_CHECK(apart.auroc == 1);
    DOCTEST_CHECK(apart.aupr == 1);
    DOCTEST_CHECK(apart.auroc_high == 1);
    DOCTEST_CHECK(apart.auroc_low == doctest::Approx(std::pow(0.025, 0.25)));
    const Detection turned = measure::detection(std::vector<float>(9, 8.0f), std::vector<float>{1, 2, 3, 4});
    DOCTEST_CHECK(turned.auroc == 0);
    DOCTEST_CHECK(turned.auroc_low == 0);
    DOCTEST_CHECK(turned.auroc_high == doctest::Approx(1 - std::pow(0.025, 0.25)));

    // One sample says nothing of its spread.
    DOCTEST_CHECK(std::isnan(measure::detection(same, one).auroc_low));
    DOCTEST_CHECK(std::isnan(measure::detection(one, same).auroc_high));
}

DOCTEST_TEST_CASE(
    "detection: the 95 % interval holds the AUROC of two normal distributions as often as it says") {
    // Of normals a distance d apart it is Φ(d / √2).
    for (const float shift : {0.5f, 1.0f, 2.0f}) {
        const double truth = std::erfc(-shift / 2) / 2;
        int held = 0;
        constexpr int trials = 600;
        for (std::uint64_t trial = 0; trial < trials; ++trial) {
            const Detection d = measure::detection(energies(60, 0, 1e-6f, 1000 + 2 * trial),
                                                   energies(90, shift, 1e-6f, 1001 + 2 * trial));
            held += d.auroc_low <= truth && truth <= d.auroc_high;
        }
        // Three standard deviations of the share of 600.
        DOCTEST_CHECK(held >= trials * 0.95 - 3 * std::sqrt(trials * 0.05 * 0.95));
        DOCTEST_CHECK(held <= trials * 0.95 + 3 * std::sqrt(trials * 0.05 * 0.95));
    }
}
