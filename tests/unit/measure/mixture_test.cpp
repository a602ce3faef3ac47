#include "core/measure/mixture.h"

#include "core/base/random.h"
#include "core/measure/scores.h"
#include "core/settings/settings.h"
#include "tests/unit/failure.h"

#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <set>

using namespace ebm;
using measure::GaussianMixture;
using tests::failure_of;

namespace {

/// Half of the rows around (−3, 0) with sd 1 and 2, half around (3, 10) with correlation 0.6.
std::vector<double> two_clouds(std::uint32_t count) {
    std::vector<double> rows;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto z = random::normals(random::words({5, random::Stream::data, 0, i, 0}, 0));
        if (i % 2 == 0) {
            rows.insert(rows.end(), {-3 + z[0], 0 + 2.0 * z[1]});
        } else {
            rows.insert(rows.end(), {3 + z[0], 10 + 0.6 * z[0] + 0.8 * z[1]});
        }
    }
    return rows;
}

double normal2(double x, double y, double variance_x, double covariance, double variance_y) {
    const double determinant = variance_x * variance_y - covariance * covariance;
    const double squares = (variance_y * x * x - 2 * covariance * x * y + variance_x * y * y) / determinant;
    return std::exp(-squares / 2) / (2 * std::numbers::pi * std::sqrt(determinant));
}

} // namespace

DOCTEST_TEST_CASE("mixture: finds two Gaussians that overlap little, in the units of the rows") {
    const std::vector<double> rows = two_clouds(8000);
    const GaussianMixture fit = GaussianMixture::fit(rows, 2, 2, 1);
    DOCTEST_CHECK(fit.components() == 2);
    for (const auto& [x, y] :
         std::vector<std::pair<double, double>>{{-3, 0}, {-2, 2}, {3, 10}, {4, 10}, {0, 5}}) {
        const double truth = std::log(normal2(x + 3, y, 1, 0, 4) / 2 + normal2(x - 3, y - 10, 1, 0.6, 1) / 2);
        const std::vector<double> row = {x, y};
        DOCTEST_CHECK(fit.log_density(row) == doctest::Approx(truth).epsilon(0.05));
    }
    const std::vector<double> broken = {0, NAN};
    DOCTEST_CHECK(fit.log_density(broken) == -INFINITY);
}

DOCTEST_TEST_CASE("mixture: no round lowers the likelihood, and the same rows give the same numbers") {
    const std::vector<double> rows = two_clouds(1000);
    const GaussianMixture fit = GaussianMixture::fit(rows, 2, 5, 3),
                          again = GaussianMixture::fit(rows, 2, 5, 3);
    DOCTEST_REQUIRE(fit.history().size() > 3);
    for (std::size_t i = 1; i < fit.history().size(); ++i) // what is added to the variances may cost a little
        DOCTEST_CHECK(fit.history()[i] > fit.history()[i - 1] - 2e-3);
    DOCTEST_CHECK(fit.history() == again.history());
    const std::vector<double> row = {1, 2};
    DOCTEST_CHECK(fit.log_density(row) == again.log_density(row));
}

DOCTEST_TEST_CASE("mixture: few, equal and constant rows") {
    const std::vector<double> few = {0, 1, 2, 3};
    DOCTEST_CHECK(failure_of([&] {
                      GaussianMixture::fit(few, 2, 8, 1);
                  }).find("2 held-out samples are too few to fit 2 statistics on") != std::string::npos);
    std::vector<double> constant; // second column the same throughout
    for (int i = 0; i < 100; ++i)
        constant.insert(constant.end(), {i * 0.1, 4.0});
    const GaussianMixture fit = GaussianMixture::fit(constant, 2, 8, 1);
    DOCTEST_CHECK(fit.components() <= 5); // 20 rows each
    const std::vector<double> on = {5, 4}, off = {5, 5};
    DOCTEST_CHECK(fit.log_density(on) > fit.log_density(off) + 100);
    const std::vector<double> equal(200, 3.0);
    DOCTEST_CHECK(std::isfinite(GaussianMixture::fit(equal, 2, 8, 1).log_density(on)));
}

DOCTEST_TEST_CASE("scores: the declared records are the choices of view.score, in their order") {
    const Setting& row = setting("view.score");
    const auto& kinds = measure::score_kinds();
    DOCTEST_REQUIRE(row.choices.size() == kinds.size());
    std::set<std::string_view> titles;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        DOCTEST_CHECK(row.choices[i] == kinds[i].name);
        DOCTEST_CHECK(static_cast<std::size_t>(kinds[i].kind) == i);
        DOCTEST_CHECK(&measure::score_info(kinds[i].kind) == &kinds[i]);
        DOCTEST_CHECK(&measure::score_named(kinds[i].name) == &kinds[i]);
        for (const std::string_view text :
             {kinds[i].title, kinds[i].formula, kinds[i].help, kinds[i].source, kinds[i].cost})
            DOCTEST_CHECK_FALSE(text.empty());
        titles.insert(kinds[i].title);
    }
    DOCTEST_CHECK(titles.size() == kinds.size());
    DOCTEST_CHECK(failure_of([] { measure::score_named("recovry"); }).find("Did you mean recovery?") !=
                  std::string::npos);
}
