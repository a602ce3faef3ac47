#include "core/data/points.h"

#include "tests/unit/failure.h"

#include <cmath>
#include <doctest/doctest.h>

using namespace ebm;
using tests::contains;
using tests::failure_of;

DOCTEST_TEST_CASE("points: standardised, and the transform leads back") {
    const data::PointSet set = data::parse_points("height;weight\n170;60\n180;80\n190;70\n", "people.csv");
    DOCTEST_REQUIRE(set.count() == 3);
    DOCTEST_CHECK(set.names[1] == "weight");
    DOCTEST_CHECK(set.mean[0] == doctest::Approx(180));
    DOCTEST_CHECK(set.scale[0] == doctest::Approx(std::sqrt(200.0 / 3)));
    DOCTEST_CHECK(set.points[1] * set.scale[1] + set.mean[1] == doctest::Approx(60));
    double sum = 0, squares = 0;
    for (size_t i = 0; i < 3; ++i) {
        sum += set.points[2 * i];
        squares += set.points[2 * i] * set.points[2 * i];
    }
    DOCTEST_CHECK(sum == doctest::Approx(0));
    DOCTEST_CHECK(squares / 3 == doctest::Approx(1));
}

DOCTEST_TEST_CASE("points: what cannot be used is refused with its line") {
    const auto failure = [](const std::string& text) {
        return failure_of([&] { data::parse_points(text, "p.csv"); });
    };
    DOCTEST_CHECK(contains(failure(""), "no points"));
    DOCTEST_CHECK(contains(failure("x,y\n"), "no points"));
    DOCTEST_CHECK(contains(failure("1,2\n"), "too few points"));
    DOCTEST_CHECK(contains(failure("1,2,3\n4,5,6\n"), "3 columns"));
    DOCTEST_CHECK(contains(failure("1,2\n3,\n"), "Line 2"));
    DOCTEST_CHECK(contains(failure("1,2\n3,4\n\ninf,4\n"), "Line 4"));
    DOCTEST_CHECK(contains(failure("1,2\n3,2\n"), "column y are the same"));
    DOCTEST_CHECK(contains(failure("1,2\n3,x\n"), "Line 2"));
}
