#include "core/measure/feature_distance.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace ebm::measure {
namespace {

using torch::Tensor;

/// [n, d] in double precision.
Tensor checked(const Tensor& x) {
    if (x.dim() != 2 || x.size(0) < 2)
        throw Error("A distance between sets needs at least two samples of each", "features",
                    "Take more samples.");
    const Tensor exact = x.detach().to(torch::kDouble);
    if (!exact.isfinite().all().item<bool>())
        throw Error("A feature is not finite", "features",
                    "Look at the samples: the chains may have diverged.");
    return exact;
}

struct Normal {
    Tensor mean, covariance; ///< [d], [d, d]
};
Normal normal_of(const Tensor& x) {
    const Tensor mean = x.mean(0), centred = x - mean;
    return {mean, centred.t().mm(centred) / static_cast<double>(x.size(0) - 1)};
}

/// The symmetric root of a covariance.
Tensor root(const Tensor& covariance) {
    const auto [values, vectors] = torch::linalg_eigh(covariance);
    return vectors.mm(values.clamp_min(0).sqrt().unsqueeze(1) * vectors.t());
}

/// `count` of the numbers below n, all different (the first of a Fisher–Yates shuffle), from `place` on.
Tensor some_rows(std::int64_t n, std::int64_t count, const random::Place& place) {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(n));
    std::iota(rows.begin(), rows.end(), 0);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::uint32_t word =
            random::words(place, static_cast<std::uint32_t>(i / 4))[static_cast<std::size_t>(i % 4)];
        const std::int64_t other =
            i + static_cast<std::int64_t>(
                    static_cast<std::uint64_t>(word) * static_cast<std::uint64_t>(n - i) >> 32);
        std::swap(rows[static_cast<std::size_t>(i)], rows[static_cast<std::size_t>(other)]);
    }
    rows.resize(static_cast<std::size_t>(count));
    return torch::tensor(rows, torch::kLong);
}

Tensor kernel(const Tensor& a, const Tensor& b) {
    const Tensor base = a.mm(b.t()) / static_cast<double>(a.size(1)) + 1;
    return base.square() * base;
}

double discrepancy(const Tensor& a, const Tensor& b) {
    const auto n = static_cast<double>(a.size(0)), m = static_cast<double>(b.size(0));
    const auto others = [](const Tensor& k) { return (k.sum() - k.trace()).item<double>(); };
    return others(kernel(a, a)) / (n * (n - 1)) + others(kernel(b, b)) / (m * (m - 1)) -
           2 * kernel(a, b).mean().item<double>();
}

} // namespace

double frechet_distance(const Tensor& a, const Tensor& b) {
    const torch::NoGradGuard no_graph;
    const Normal p = normal_of(checked(a)), q = normal_of(checked(b));
    const Tensor half = root(p.covariance), product = half.mm(q.covariance).mm(half);
    const Tensor eigenvalues = torch::linalg_eigvalsh((product + product.t()) / 2);
    const double overlap = eigenvalues.clamp_min(0).sqrt().sum().item<double>();
    return (p.mean - q.mean).square().sum().item<double>() + p.covariance.trace().item<double>() +
           q.covariance.trace().item<double>() - 2 * overlap;
}

KernelDistance kernel_distance(const Tensor& a, const Tensor& b, std::uint64_t seed, int subsets,
                               std::int64_t subset_size) {
    const torch::NoGradGuard no_graph;
    const Tensor x = checked(a), y = checked(b);
    KernelDistance result;
    result.subset_size = std::min({subset_size, x.size(0), y.size(0)});
    // Whole sets have one pair of subsets only.
    result.subsets = x.size(0) == result.subset_size && y.size(0) == result.subset_size ? 1 : subsets;
    std::vector<double> values;
    for (int subset = 0; subset < result.subsets; ++subset) {
        random::Place place{seed, random::Stream::choice, 0, static_cast<std::uint32_t>(subset), 0};
        const Tensor of_x = x.index_select(0, some_rows(x.size(0), result.subset_size, place));
        place.step = 1;
        values.push_back(
            discrepancy(of_x, y.index_select(0, some_rows(y.size(0), result.subset_size, place))));
    }
    for (const double value : values)
        result.mean += value / static_cast<double>(values.size());
    double squares = 0;
    for (const double value : values)
        squares += (value - result.mean) * (value - result.mean);
    if (values.size() > 1) result.sd = std::sqrt(squares / static_cast<double>(values.size() - 1));
    return result;
}

double roughness(const Tensor& x) {
    const torch::NoGradGuard no_graph;
    if (x.dim() != 4 || x.size(2) < 3 || x.size(3) < 3)
        throw Error("Roughness is known of pictures with sides of three pixels or more", "pictures",
                    "Take larger pictures.");
    const Tensor exact = x.detach().to(torch::kDouble);
    const auto part = [&](std::int64_t row, std::int64_t column) {
        return exact.slice(2, row, row + x.size(2) - 2).slice(3, column, column + x.size(3) - 2);
    };
    const Tensor neighbours = (part(0, 1) + part(2, 1) + part(1, 0) + part(1, 2)) / 4;
    return std::sqrt((part(1, 1) - neighbours).square().mean().item<double>());
}

} // namespace ebm::measure
