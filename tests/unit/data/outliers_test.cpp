#include "core/data/outliers.h"

#include "tests/unit/failure.h"

#include <doctest/doctest.h>

using namespace ebm;
using ebm::tests::contains;

namespace {

data::Coding people() {
    data::Coding coding;
    coding.columns = {{"height", 170, 8}, {"weight", 70, 100}};
    return coding;
}

torch::Tensor normal_points(std::int64_t count) {
    torch::manual_seed(4);
    return torch::randn({count, 2});
}

} // namespace

DOCTEST_TEST_CASE("points of one spread, of two clusters and with exponential tails have no outliers") {
    torch::Tensor x = normal_points(2000);
    DOCTEST_CHECK(data::outlier_note(x, people()).empty());
    x.slice(0, 0, 300).add_(30);
    DOCTEST_CHECK(data::outlier_note(x, people()).empty());
    DOCTEST_CHECK(data::outlier_note(-torch::rand({2000, 2}).clamp_min(1e-6).log(), people()).empty());
}

DOCTEST_TEST_CASE("an outlier is named with its record, its value in the file and what it does") {
    torch::Tensor x = 0.01 * normal_points(500);
    x[41][1] = 22;
    const std::string note = data::outlier_note(x, people());
    DOCTEST_CHECK(note.find("weight = 2270 in record 42 lies") != std::string::npos);
    DOCTEST_CHECK(note.find("standard deviation 100") != std::string::npos);
    DOCTEST_CHECK(note.find("height") == std::string::npos);
    x[99][1] = -22;
    DOCTEST_CHECK(data::outlier_note(x, people()).find("record 42 (and 1 more)") != std::string::npos);
}

DOCTEST_TEST_CASE("a column whose middle has one value is left alone") {
    torch::Tensor x = torch::zeros({500, 2});
    x[3][0] = 5;
    DOCTEST_CHECK(data::outlier_note(x, people()).empty());
}

DOCTEST_TEST_CASE(
    "outliers: points of other units or columns in another order are doubted, a few far ones not") {
    const data::Coding heights{{{"height", 170, 10}, {"weight", 65, 5}}, 0, 0};
    torch::Tensor x = torch::randn({100, 2});
    DOCTEST_CHECK(data::distance_note(x, heights).empty());
    x.slice(0, 0, 40) += 50;
    DOCTEST_CHECK(data::distance_note(x, heights).empty());
    // 65, 170 in place of 170, 65.
    const torch::Tensor turned = torch::tensor({-10.5f, 21.0f}).expand({3, 2});
    DOCTEST_CHECK(contains(data::distance_note(turned, heights), "3 of 3 points lie more than 6"));
    DOCTEST_CHECK(contains(data::distance_note(turned, heights), "height and weight"));
    DOCTEST_CHECK(data::distance_note(turned, data::plane_coding()).empty()); // its own coordinates
}
