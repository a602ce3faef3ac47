#include "core/measure/histogram.h"

#include "core/base/error.h"

#include <cmath>
#include <doctest/doctest.h>

using namespace ebm;

DOCTEST_TEST_CASE("quantiles: linear between order statistics, finite values only") {
    const std::vector<float> values = {4, 1, NAN, 3, 2, INFINITY};
    DOCTEST_CHECK(measure::quantile(values, 0) == 1);
    DOCTEST_CHECK(measure::quantile(values, 1) == 4);
    DOCTEST_CHECK(measure::quantile(values, 0.5) == doctest::Approx(2.5));
    DOCTEST_CHECK(measure::quantile(values, 0.25) == doctest::Approx(1.75));
    DOCTEST_CHECK(std::isnan(measure::quantile({}, 0.5)));
    DOCTEST_CHECK_THROWS_AS(measure::quantile(values, 1.5), Error);
}

DOCTEST_TEST_CASE("histogram: areas are shares, bins are shared, nothing is lost") {
    std::vector<float> flat, narrow;
    for (int i = 0; i < 10000; ++i) {
        flat.push_back(static_cast<float>(i) / 10000);
        narrow.push_back(0.5f + static_cast<float>(i % 100) / 1000);
    }
    flat.push_back(1e30f);
    flat.push_back(-1e30f);
    flat.push_back(NAN);
    const std::vector<std::span<const float>> sets = {flat, narrow, {}};
    const measure::Histogram h = measure::shared_histogram(sets, 50, 0.01);
    DOCTEST_REQUIRE(h.sets.size() == 3);
    DOCTEST_CHECK(h.low < 0.01);
    DOCTEST_CHECK(h.high > 0.99);
    DOCTEST_CHECK(h.high < 1.1);
    for (const measure::HistogramSet& set : h.sets) {
        double inside = 0;
        for (const float density : set.densities)
            inside += density * h.bin_width() * static_cast<double>(set.count);
        DOCTEST_CHECK(inside + static_cast<double>(set.below + set.above + set.not_finite) ==
                      doctest::Approx(static_cast<double>(set.count)).epsilon(1e-5));
    }
    DOCTEST_CHECK(h.sets[0].not_finite == 1);
    DOCTEST_CHECK(h.sets[0].above >= 1);
    // Uniform on a unit interval: density 1 in the middle; on an interval of 0.1: density 10.
    const auto density_at = [&](size_t set, double x) {
        return h.sets[set].densities[static_cast<size_t>((x - h.low) / h.bin_width())];
    };
    DOCTEST_CHECK(density_at(0, 0.3) == doctest::Approx(1).epsilon(0.02));
    DOCTEST_CHECK(density_at(1, 0.55) == doctest::Approx(10).epsilon(0.1));
    DOCTEST_CHECK(density_at(1, 0.3) == 0);
}

DOCTEST_TEST_CASE("histogram: equal values, huge values and no values have a range") {
    const std::vector<float> equal(10, 3.0f), huge = {-3e38f, 3e38f}, nan = {NAN};
    for (const std::vector<float>& values : {equal, huge, nan, std::vector<float>{}}) {
        const std::vector<std::span<const float>> sets = {values};
        const measure::Histogram h = measure::shared_histogram(sets, 10);
        DOCTEST_CHECK(h.low < h.high);
        double area = 0;
        for (const float density : h.sets[0].densities)
            area += density * h.bin_width();
        const bool countable = !values.empty() && std::isfinite(values[0]);
        DOCTEST_CHECK(area == doctest::Approx(countable ? 1 : 0).epsilon(1e-3));
    }
    DOCTEST_CHECK_THROWS_AS(measure::shared_histogram({}, 0), Error);
}
