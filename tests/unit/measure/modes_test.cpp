#include "core/measure/modes.h"

#include "core/data/plane.h"
#include "core/measure/histogram.h"

#include <cmath>
#include <doctest/doctest.h>
#include <string>

using namespace ebm;

namespace {

/// Modes at x = 0, 1, 2, each half a unit wide.
int nearest_integer(double x, double) {
    const double nearest = std::round(x);
    return nearest >= 0 && nearest <= 2 && std::abs(x - nearest) <= 0.25 ? static_cast<int>(nearest) : -1;
}

} // namespace

DOCTEST_TEST_CASE("modes: shares, missed modes and the distance from the true shares, by hand") {
    // Six in mode 0, three in mode 1, none in mode 2, one between.
    const std::vector<float> points{0, 0, 0, 1, 0, 2, 0.2f, 0, -0.2f, 0, 0, 5, 1, 0, 1, 1, 1.1f, 0, 0.5f, 0};
    const measure::ModeShares shares = measure::mode_shares(points, 3, nearest_integer);
    DOCTEST_CHECK(shares.count == 10);
    DOCTEST_CHECK(shares.shares == std::vector<double>{0.6, 0.3, 0.0});
    DOCTEST_CHECK(shares.none == doctest::Approx(0.1));
    DOCTEST_CHECK(shares.missed == 1);
    DOCTEST_CHECK(shares.distance == doctest::Approx((0.6 - 1.0 / 3 + 1.0 / 3 - 0.3 + 1.0 / 3 + 0.1) / 2));
    const measure::ModeShares density = measure::mode_shares({0.6, 0.3, 0.0});
    DOCTEST_CHECK(density.none == doctest::Approx(0.1));
    DOCTEST_CHECK(density.missed == 1);
    DOCTEST_CHECK(density.distance == doctest::Approx(shares.distance));
    const measure::ModeShares nothing = measure::mode_shares({}, 3, nearest_integer);
    DOCTEST_CHECK(nothing.count == 0);
    DOCTEST_CHECK(std::isnan(nothing.shares[0]));
}

DOCTEST_TEST_CASE("modes: a chain crosses when it reaches another mode, not when it leaves its own") {
    measure::ModeCrossings crossings(nearest_integer);
    const auto step = [&](float a, float b) { return crossings.add(std::vector<float>{a, 0, b, 0}); };
    DOCTEST_CHECK(step(0, 0.5f) == 0);
    DOCTEST_CHECK(step(0.5f, 1) == 0); // the first has left, the second arrives for the first time
    DOCTEST_CHECK(step(1, 1) == 1);
    DOCTEST_CHECK(step(0.5f, 2) == 1);
    DOCTEST_CHECK(step(1, 0) == 1); // the first came back, which is no crossing
    DOCTEST_CHECK(crossings.total() == 3);
    crossings.add(std::vector<float>{2, 0}); // another number of chains begins anew
    DOCTEST_CHECK(crossings.total() == 3);
}

DOCTEST_TEST_CASE("modes: the samples of every plane set with modes lie in them, in equal shares") {
    int sets = 0;
    for (const data::PlaneSet& set : data::plane_sets()) {
        DOCTEST_CAPTURE(std::string(set.name));
        DOCTEST_CHECK((set.modes > 0) == (set.mode_of != nullptr));
        if (!set.mode_of) continue;
        ++sets;
        const int count = 40000;
        const measure::ModeShares shares = measure::mode_shares(set.sample(count, 3), set.modes, set.mode_of);
        // P(|z| > 4) in two dimensions is e⁻⁸.
        DOCTEST_CHECK(shares.none < 6e-4);
        DOCTEST_CHECK(shares.missed == 0);
        const double share = 1.0 / set.modes, deviation = std::sqrt(share * (1 - share) / count);
        for (const double found : shares.shares)
            DOCTEST_CHECK(std::abs(found - share) < 4.5 * deviation + 1e-3);
        DOCTEST_CHECK(set.mode_of(3.9, 3.9) == -1);
    }
    DOCTEST_CHECK(sets == 5);
}

DOCTEST_TEST_CASE("moments: mean and sd with n − 1 of what is finite, the rest is counted") {
    const std::vector<float> values{1, 2, 3, 6, INFINITY, NAN};
    const measure::Moments m = measure::moments(values);
    DOCTEST_CHECK(m.count == 6);
    DOCTEST_CHECK(m.not_finite == 2);
    DOCTEST_CHECK(m.mean == doctest::Approx(3));
    DOCTEST_CHECK(m.sd == doctest::Approx(std::sqrt((4.0 + 1 + 0 + 9) / 3)));
    DOCTEST_CHECK(std::isnan(measure::moments(std::vector<float>{1}).sd));
    DOCTEST_CHECK(std::isnan(measure::moments({}).mean));
}
