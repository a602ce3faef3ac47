#include "core/measure/overlap.h"

#include "core/base/random.h"
#include "tests/unit/failure.h"

#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <vector>

using namespace ebm;
using measure::Overlap;
using measure::overlap;

namespace {

/// Normal with mean `mean` and standard deviation 1.
std::vector<float> normal(std::size_t count, float mean, std::uint64_t seed) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = mean + random::normals(random::words(
                               {seed, random::Stream::data, 0, static_cast<std::uint32_t>(i), 0}, 0))[0];
    return values;
}

double normal_cdf(double z) {
    return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

} // namespace

DOCTEST_TEST_CASE("Overlap: two normals have the overlap and the AUROC of their distance") {
    for (const double distance : {0.5, 1.5}) {
        const Overlap found = overlap(normal(20000, 0, 1), normal(20000, static_cast<float>(distance), 2), 7);
        // Bins lose what lies in the one where the densities cross.
        DOCTEST_CHECK(found.share == doctest::Approx(2 * normal_cdf(-distance / 2)).epsilon(0.03));
        DOCTEST_CHECK(found.auroc == doctest::Approx(normal_cdf(distance / std::sqrt(2))).epsilon(0.01));
        DOCTEST_CHECK(found.share < found.alike_low);
        DOCTEST_CHECK(in_words(found).find("a sign of overfitting") != std::string::npos);
        const Overlap turned =
            overlap(normal(20000, static_cast<float>(distance), 2), normal(20000, 0, 1), 7);
        DOCTEST_CHECK(turned.share == doctest::Approx(found.share).epsilon(1e-9));
        DOCTEST_CHECK(turned.auroc == doctest::Approx(1 - found.auroc).epsilon(1e-9));
        DOCTEST_CHECK(in_words(turned).find("even likelier") != std::string::npos);
    }
}

DOCTEST_TEST_CASE("Overlap: sets that are alike lie within what dealing at random gives") {
    int outside = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const Overlap found = overlap(normal(300, 0, 100 + seed), normal(500, 0, 200 + seed), seed);
        DOCTEST_CHECK(found.alike_low < found.alike_high);
        outside += found.share < found.alike_low || found.share > found.alike_high;
    }
    DOCTEST_CHECK(outside <= 6); // 2 of 40 are expected; more than 6 have a probability of 0.3 %
    const Overlap alike = overlap(normal(2000, 0, 1), normal(2000, 0, 2), 0);
    DOCTEST_CHECK(alike.auroc_low < 0.5);
    DOCTEST_CHECK(alike.auroc_high > 0.5);
    DOCTEST_CHECK(in_words(alike).find("no sign") != std::string::npos);
}

DOCTEST_TEST_CASE("Overlap: equal values, values that are not finite, single samples and empty sets") {
    const std::vector<float> equal(50, 3.0f);
    const Overlap same = overlap(equal, equal, 0);
    DOCTEST_CHECK(same.share == doctest::Approx(1));
    DOCTEST_CHECK(same.auroc == doctest::Approx(0.5));

    const float nan = std::numeric_limits<float>::quiet_NaN(),
                infinite = std::numeric_limits<float>::infinity();
    const Overlap broken =
        overlap(std::vector<float>{1, 2, 3, 4}, std::vector<float>{1, 2, nan, -infinite}, 0);
    DOCTEST_CHECK(broken.not_finite == 2);
    DOCTEST_CHECK(broken.held_out == 4);
    // Both count as above all others: of 16 pairs 2 · 4 are right by them; of the 8 others 1 is, 2 are ties.
    DOCTEST_CHECK(broken.auroc == doctest::Approx((8 + 1 + 1) / 16.0));

    const Overlap single = overlap(std::vector<float>{1}, std::vector<float>{2}, 0);
    DOCTEST_CHECK(std::isnan(single.auroc_low));
    DOCTEST_CHECK(in_words(single).find("probability 1.000.") != std::string::npos);
    DOCTEST_CHECK(tests::failure_of([&] { overlap({}, equal, 0); }).find("no energies") != std::string::npos);
}
