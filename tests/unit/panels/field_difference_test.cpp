#include "app/panels/field_difference.h"

#include <cmath>

#include <doctest/doctest.h>

namespace ebm::panels {
namespace {

/// E(x, y) = f on a grid over [low, high]².
template <class Function>
lab::FieldView field(int resolution, double low, double high, double log_z, Function f) {
    lab::FieldView view;
    view.low_x = view.low_y = low;
    view.high_x = view.high_y = high;
    view.resolution = resolution;
    view.log_z = log_z;
    const double cell = (high - low) / resolution;
    for (int j = 0; j < resolution; ++j)
        for (int i = 0; i < resolution; ++i)
            view.energy.push_back(static_cast<float>(f(low + (i + 0.5) * cell, low + (j + 0.5) * cell)));
    return view;
}

DOCTEST_TEST_CASE("the difference of two fields is that of their log densities, whatever their grids are") {
    const auto a = field(64, -2, 2, 1.5, [](double x, double y) { return x + 2 * y; });
    const auto b = field(32, -1, 1, -0.25, [](double x, double y) { return 3 * x - y + 5; });
    const lab::FieldView d = difference_of(a, b);
    DOCTEST_REQUIRE(d.resolution == 32);
    for (int j = 0; j < 32; ++j)
        for (int i = 0; i < 32; ++i) {
            const double x = -1 + (i + 0.5) / 16, y = -1 + (j + 0.5) / 16;
            const double expected = (3 * x - y + 5 - 0.25) - (x + 2 * y + 1.5);
            DOCTEST_CHECK(d.energy[static_cast<std::size_t>(j * 32 + i)] ==
                          doctest::Approx(expected).epsilon(1e-4));
        }
    DOCTEST_CHECK(d.log_z == 0);
    // A density at another temperature.
    auto hot = b;
    hot.temperature = 2;
    DOCTEST_CHECK(difference_of(a, hot).energy[0] - d.energy[0] ==
                  doctest::Approx(-b.energy[0] / 2).epsilon(1e-4));
}

DOCTEST_TEST_CASE("what one field does not cover has no difference") {
    const auto a = field(16, -1, 1, 0, [](double, double) { return 0.0; });
    const auto b = field(16, -2, 2, 0, [](double, double) { return 1.0; });
    const lab::FieldView d = difference_of(a, b);
    DOCTEST_CHECK(std::isnan(d.energy.front()));
    DOCTEST_CHECK(d.energy[8 * 16 + 8] == doctest::Approx(1));
}

DOCTEST_TEST_CASE("colours of a difference are symmetrical, and far regions do not set their range") {
    // Both are nearly alike where samples are; far out they differ by thousands.
    const auto near_half = [](double x, double y) { return 20 * (x * x + y * y); };
    const auto a = field(64, -8, 8, 0, near_half);
    const auto b = field(64, -8, 8, 0, [&](double x, double y) {
        return near_half(x, y) + (x * x + y * y > 4 ? 5000.0 : 0.5);
    });
    const Limits limits = difference_limits(a, b, difference_of(a, b));
    DOCTEST_CHECK(limits.low == -limits.high);
    DOCTEST_CHECK(limits.high == doctest::Approx(0.5).epsilon(0.01));
}

} // namespace
} // namespace ebm::panels
