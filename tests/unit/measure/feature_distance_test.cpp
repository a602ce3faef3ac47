#include "core/base/error.h"
#include "core/measure/feature_distance.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace ebm::measure;
using torch::Tensor;

namespace {

/// n points whose mean and covariance (unbiased) are exactly `mean` and diag(variances).
Tensor points(std::int64_t n, const std::vector<double>& mean, const std::vector<double>& variances,
              std::uint64_t seed) {
    torch::manual_seed(seed);
    const auto d = static_cast<std::int64_t>(mean.size());
    Tensor x = torch::randn({n, d}, torch::kDouble);
    x = x - x.mean(0);
    const Tensor covariance = x.t().mm(x) / static_cast<double>(n - 1);
    // Whitened by the inverse of the Cholesky factor: x L⁻ᵀ.
    x = torch::linalg_solve_triangular(torch::linalg_cholesky(covariance), x.t(), /*upper=*/false).t();
    return x * torch::tensor(variances, torch::kDouble).sqrt() + torch::tensor(mean, torch::kDouble);
}

/// A rotation of the plane that d − 2 further axes leave alone.
Tensor rotation(std::int64_t d, double angle) {
    Tensor matrix = torch::eye(d, torch::kDouble);
    matrix[0][0] = matrix[1][1] = std::cos(angle);
    matrix[0][1] = -std::sin(angle);
    matrix[1][0] = std::sin(angle);
    return matrix;
}

} // namespace

DOCTEST_TEST_CASE("Fréchet distance of equal covariances is the squared distance of the means") {
    const Tensor a = points(400, {0, 0, 0, 0}, {1, 1, 1, 1}, 1),
                 b = points(300, {1, 1, 1, 1}, {1, 1, 1, 1}, 2);
    DOCTEST_CHECK(frechet_distance(a, b) == doctest::Approx(4).epsilon(1e-9));
    DOCTEST_CHECK(frechet_distance(a, a) == doctest::Approx(0).epsilon(1e-9));
}

DOCTEST_TEST_CASE("Fréchet distance of diagonal covariances is the sum of squared differences of the sds") {
    const std::vector<double> p = {1, 4, 9, 0.25}, q = {4, 1, 0.01, 0.5};
    double expected = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        expected += std::pow(std::sqrt(p[i]) - std::sqrt(q[i]), 2);
    const Tensor a = points(500, {0, 0, 0, 0}, p, 3), b = points(500, {0, 0, 0, 0}, q, 4);
    DOCTEST_CHECK(frechet_distance(a, b) == doctest::Approx(expected).epsilon(1e-9));
    // It does not depend on the axes.
    const Tensor turned = rotation(4, 0.7);
    DOCTEST_CHECK(frechet_distance(a.mm(turned), b.mm(turned)) == doctest::Approx(expected).epsilon(1e-9));
}

DOCTEST_TEST_CASE("Fréchet distance of covariances that do not commute, in two dimensions") {
    // tr (S₁S₂)^½ of 2 × 2 matrices is √(tr S₁S₂ + 2 √det S₁S₂).
    const Tensor a = points(200, {0, 0}, {4, 1}, 5),
                 b = points(200, {0, 0}, {9, 0.25}, 6).mm(rotation(2, 0.9));
    const Tensor s1 = torch::cov(a.t()), s2 = torch::cov(b.t());
    const double trace = s1.mm(s2).trace().item<double>(),
                 determinant = torch::linalg_det(s1.mm(s2)).item<double>();
    const double expected =
        (s1.trace() + s2.trace()).item<double>() - 2 * std::sqrt(trace + 2 * std::sqrt(determinant));
    DOCTEST_CHECK(frechet_distance(a, b) == doctest::Approx(expected).epsilon(1e-9));
}

DOCTEST_TEST_CASE("Fréchet distance is finite where covariances are singular") {
    // Fewer samples than features.
    const Tensor a = points(40, {0, 0, 0}, {1, 2, 3}, 7).repeat({1, 20}), b = a.slice(0, 0, 20) + 1;
    const double distance = frechet_distance(a, b);
    DOCTEST_CHECK(std::isfinite(distance));
    DOCTEST_CHECK(distance > 0);
}

DOCTEST_TEST_CASE("kernel distance of whole sets is the unbiased discrepancy, summed by hand") {
    const Tensor a = torch::tensor({{1.0, 0.0}, {0.0, 2.0}, {1.0, 1.0}}),
                 b = torch::tensor({{0.0, 0.0}, {2.0, 0.0}, {0.0, -1.0}});
    const auto k = [](const Tensor& x, const Tensor& y) {
        return std::pow((x * y).sum().item<double>() / 2 + 1, 3);
    };
    double expected = 0;
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
            if (i != j) expected += (k(a[i], a[j]) + k(b[i], b[j])) / 6;
            expected -= 2 * k(a[i], b[j]) / 9;
        }
    const KernelDistance distance = kernel_distance(a, b, 1);
    DOCTEST_CHECK(distance.subsets == 1);
    DOCTEST_CHECK(distance.subset_size == 3);
    DOCTEST_CHECK(distance.mean == doctest::Approx(expected).epsilon(1e-12));
    DOCTEST_CHECK(kernel_distance(a, a, 1).mean < 0);
}

DOCTEST_TEST_CASE("kernel distance has no bias by the size of the subsets, and is a function of its seed") {
    const Tensor a = points(600, {0, 0, 0}, {1, 1, 1}, 8), b = points(700, {0.5, 0, 0}, {1, 1, 2}, 9);
    const KernelDistance small = kernel_distance(a, b, 3, 200, 50),
                         large = kernel_distance(a, b, 3, 200, 500);
    const double error = small.sd / std::sqrt(200.0);
    DOCTEST_CHECK(std::abs(small.mean - large.mean) < 4 * error);
    DOCTEST_CHECK(small.subsets == 200);
    DOCTEST_CHECK(small.sd > large.sd);
    DOCTEST_CHECK(kernel_distance(a, b, 3, 200, 50).mean == small.mean);
    DOCTEST_CHECK(kernel_distance(a, b, 4, 200, 50).mean != small.mean);
    // Two halves of one distribution: around 0.
    const Tensor same = points(2000, {0, 0, 0}, {1, 1, 1}, 10);
    const KernelDistance none = kernel_distance(same.slice(0, 0, 1000), same.slice(0, 1000), 3, 50, 500);
    DOCTEST_CHECK(std::abs(none.mean) < 0.02);
}

DOCTEST_TEST_CASE("distances refuse too few samples and features that are not finite") {
    const Tensor good = torch::randn({5, 2});
    Tensor bad = good.clone();
    bad[2][1] = std::numeric_limits<float>::quiet_NaN();
    DOCTEST_CHECK_THROWS_AS(frechet_distance(good.slice(0, 0, 1), good), ebm::Error);
    DOCTEST_CHECK_THROWS_AS(frechet_distance(good, bad), ebm::Error);
    DOCTEST_CHECK_THROWS_AS(kernel_distance(bad, good, 1), ebm::Error);
}

DOCTEST_TEST_CASE("roughness is that of a checkerboard, and none of a slope") {
    const Tensor i = torch::arange(6).unsqueeze(1), j = torch::arange(5).unsqueeze(0);
    const Tensor board = ((i + j).remainder(2) * 2 - 1).to(torch::kFloat).view({1, 1, 6, 5});
    DOCTEST_CHECK(roughness(board) == doctest::Approx(2)); // ±1 minus its neighbours' ∓1
    const Tensor slope = (0.1 * i + 0.2 * j).to(torch::kFloat).view({1, 1, 6, 5});
    DOCTEST_CHECK(roughness(slope) == doctest::Approx(0).epsilon(1e-6));
    DOCTEST_CHECK_THROWS_AS(roughness(torch::zeros({1, 1, 2, 5})), ebm::Error);
}
