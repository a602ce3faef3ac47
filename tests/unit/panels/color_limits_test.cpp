#include "app/panels/color_limits.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using ebm::panels::Limits;
using ebm::panels::robust_limits;
using ebm::panels::SteadyLimits;

DOCTEST_TEST_CASE("colour limits: quantiles of the finite values") {
    std::vector<float> values;
    for (int i = 1000; i >= 0; --i)
        values.push_back(static_cast<float>(i));
    values.push_back(NAN);
    values.push_back(INFINITY);
    const Limits limits = robust_limits(values, 0.01, 0.85);
    DOCTEST_CHECK(limits.low == doctest::Approx(10));
    DOCTEST_CHECK(limits.high == doctest::Approx(850));
}

DOCTEST_TEST_CASE("colour limits: nothing finite or all equal still spans a range") {
    const std::vector<float> none = {NAN, INFINITY}, equal(50, 3.0f);
    DOCTEST_CHECK(robust_limits(none, 0, 1).high > robust_limits(none, 0, 1).low);
    const Limits limits = robust_limits(equal, 0, 1);
    DOCTEST_CHECK(limits.low < 3);
    DOCTEST_CHECK(limits.high > 3);
}

DOCTEST_TEST_CASE(
    "colour limits: a jitter is ignored, a move is approached and reached, a jump is taken at once") {
    SteadyLimits steady;
    steady.follow({0, 10}, 0.016, false);
    for (int frame = 0; frame < 100; ++frame)
        steady.follow({frame % 2 ? 0.3f : -0.3f, 10.4f}, 0.016, false);
    DOCTEST_CHECK(steady.shown().low == 0);
    DOCTEST_CHECK(steady.shown().high == 10);

    const float first = steady.follow({-5, 10}, 0.016, false).low;
    DOCTEST_CHECK(first < 0);
    DOCTEST_CHECK(first > -1);
    for (int frame = 0; frame < 200; ++frame)
        steady.follow({-5, 10}, 0.016, false);
    DOCTEST_CHECK(steady.shown().low == doctest::Approx(-5).epsilon(0.02));
    DOCTEST_CHECK_FALSE(steady.moving());

    DOCTEST_CHECK(steady.follow({100, 200}, 0.016, true).low == 100);
}
