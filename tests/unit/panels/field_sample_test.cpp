#include "app/panels/field_sample.h"

#include <doctest/doctest.h>

using namespace ebm;

DOCTEST_TEST_CASE("field read-out: a plane is interpolated exactly, with its gradient") {
    lab::FieldView field;
    field.low_x = -1, field.high_x = 3, field.low_y = 0, field.high_y = 2;
    field.resolution = 16;
    for (int j = 0; j < 16; ++j)
        for (int i = 0; i < 16; ++i) {
            const double x = -1 + 4 * (i + 0.5) / 16, y = 2 * (j + 0.5) / 16;
            field.energy.push_back(static_cast<float>(0.5 + 3 * x - 4 * y));
        }
    const auto sample = panels::sample_field(field, {1.234, 0.777});
    DOCTEST_REQUIRE(sample);
    DOCTEST_CHECK(sample->energy == doctest::Approx(0.5 + 3 * 1.234 - 4 * 0.777).epsilon(1e-5));
    DOCTEST_CHECK(sample->gradient.x == doctest::Approx(3).epsilon(1e-4));
    DOCTEST_CHECK(sample->gradient.y == doctest::Approx(-4).epsilon(1e-4));
    DOCTEST_CHECK(sample->gradient_norm == doctest::Approx(5).epsilon(1e-4));
    DOCTEST_CHECK_FALSE(panels::sample_field(field, {3.1, 1}));
    DOCTEST_CHECK_FALSE(panels::sample_field({}, {0, 0}));
}
