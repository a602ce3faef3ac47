#include "app/panels/ticks.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using ebm::panels::Tick;
using ebm::panels::ticks;

namespace {
std::string labels(double low, double high, int most) {
    std::string text;
    for (const Tick& tick : ticks(low, high, most))
        text += (text.empty() ? "" : " ") + tick.label;
    return text;
}
} // namespace

DOCTEST_TEST_CASE("ticks: round steps with the decimals that the step needs") {
    DOCTEST_CHECK(labels(-4, 4, 9) == "\u22124 \u22123 \u22122 \u22121 0 1 2 3 4");
    DOCTEST_CHECK(labels(-4, 4, 5) == "\u22124 \u22122 0 2 4");
    DOCTEST_CHECK(labels(0.013, 0.107, 5) == "0.02 0.04 0.06 0.08 0.10");
    DOCTEST_CHECK(labels(-1.3, 11.8, 5) == "0 5 10");
    DOCTEST_CHECK(labels(0, 4e6, 3) == "0 2\u2009×\u200910⁶ 4\u2009×\u200910⁶");
    DOCTEST_CHECK(labels(-100, 900, 5) == "0 200 400 600 800");
}

DOCTEST_TEST_CASE(
    "ticks: inside the range, evenly spaced, never more than asked, never fewer than two of five") {
    for (double low = -7.3; low < 7; low += 0.61)
        for (double size = 1e-3; size < 1e4; size *= 2.7)
            for (int most = 4; most <= 8; ++most) {
                const auto list = ticks(low, low + size, most);
                DOCTEST_REQUIRE(list.size() <= static_cast<std::size_t>(most));
                DOCTEST_REQUIRE(list.size() >= (most >= 5 ? 2u : 1u));
                for (std::size_t i = 0; i < list.size(); ++i) {
                    DOCTEST_REQUIRE(list[i].value >= low - size * 1e-6);
                    DOCTEST_REQUIRE(list[i].value <= low + size * (1 + 1e-6));
                    if (i > 1)
                        DOCTEST_REQUIRE(list[i].value - list[i - 1].value ==
                                        doctest::Approx(list[1].value - list[0].value));
                }
            }
}

DOCTEST_TEST_CASE("ticks: an empty or endless range has none") {
    DOCTEST_CHECK(ticks(1, 1, 5).empty());
    DOCTEST_CHECK(ticks(2, 1, 5).empty());
    DOCTEST_CHECK(ticks(0, INFINITY, 5).empty());
    DOCTEST_CHECK(ticks(NAN, 1, 5).empty());
}
