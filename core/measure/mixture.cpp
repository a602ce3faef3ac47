#include "core/measure/mixture.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

namespace ebm::measure {
namespace {

constexpr double added_variance = 1e-3; ///< to each standardised variance
constexpr std::size_t least_rows_a_component = 20;
constexpr int most_rounds = 200;
constexpr double least_gain = 1e-5; ///< nats a row

/// A uniform number of [0, 1) for draw `number`.
double uniform(std::uint64_t seed, std::uint32_t number) {
    const random::Words words = random::words({seed, random::Stream::choice, 3, number, 0}, 0);
    return words[0] * 0x1p-32;
}

double squared_distance(const double* a, const double* b, int dimensions) {
    double sum = 0;
    for (int d = 0; d < dimensions; ++d)
        sum += (a[d] - b[d]) * (a[d] - b[d]);
    return sum;
}

/// Rows that are far from each other: each is drawn with a chance like its squared distance to the nearest
/// one before.
std::vector<std::size_t> distant_rows(const std::vector<double>& rows, int dimensions, std::size_t count,
                                      std::uint64_t seed) {
    const std::size_t n = rows.size() / static_cast<std::size_t>(dimensions);
    const auto row = [&](std::size_t i) { return rows.data() + i * static_cast<std::size_t>(dimensions); };
    std::vector<std::size_t> chosen = {static_cast<std::size_t>(uniform(seed, 0) * static_cast<double>(n))};
    std::vector<double> nearest(n, std::numeric_limits<double>::infinity());
    while (chosen.size() < count) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
            nearest[i] = std::min(nearest[i], squared_distance(row(i), row(chosen.back()), dimensions));
            sum += nearest[i];
        }
        if (!(sum > 0)) break; // no more different rows
        double left = uniform(seed, static_cast<std::uint32_t>(chosen.size())) * sum;
        std::size_t next = 0;
        while (next + 1 < n && left >= nearest[next])
            left -= nearest[next++];
        chosen.push_back(next);
    }
    return chosen;
}

double log_sum(const std::vector<double>& terms) {
    const double most = *std::max_element(terms.begin(), terms.end());
    if (!std::isfinite(most)) return most;
    double sum = 0;
    for (const double term : terms)
        sum += std::exp(term - most);
    return most + std::log(sum);
}

} // namespace

void GaussianMixture::set_covariance(Part& part, std::vector<double> covariance) const {
    const int n = dimensions_;
    const auto at = [n](int i, int j) { return static_cast<std::size_t>(i * n + j); };
    for (int i = 0; i < n; ++i)
        covariance[at(i, i)] += added_variance;
    part.factor.assign(covariance.size(), 0);
    part.log_determinant = 0;
    for (int j = 0; j < n; ++j) {
        double pivot = covariance[at(j, j)];
        for (int k = 0; k < j; ++k)
            pivot -= part.factor[at(j, k)] * part.factor[at(j, k)];
        pivot = std::sqrt(std::max(pivot, 1e-12)); // rounding alone can bring it below what was added
        part.factor[at(j, j)] = pivot;
        part.log_determinant += 2 * std::log(pivot);
        for (int i = j + 1; i < n; ++i) {
            double sum = covariance[at(i, j)];
            for (int k = 0; k < j; ++k)
                sum -= part.factor[at(i, k)] * part.factor[at(j, k)];
            part.factor[at(i, j)] = sum / pivot;
        }
    }
}

double GaussianMixture::log_part(const Part& part, std::span<const double> x) const {
    const auto n = static_cast<std::size_t>(dimensions_);
    std::vector<double> solved(n);
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double sum = x[i] - part.mean[i];
        for (std::size_t k = 0; k < i; ++k)
            sum -= part.factor[i * n + k] * solved[k];
        solved[i] = sum / part.factor[i * n + i];
        squares += solved[i] * solved[i];
    }
    return part.log_weight -
           (squares + part.log_determinant + dimensions_ * std::log(2 * std::numbers::pi)) / 2;
}

GaussianMixture GaussianMixture::fit(std::span<const double> rows, int dimensions, int components,
                                     std::uint64_t seed) {
    const auto width = static_cast<std::size_t>(dimensions);
    const std::size_t n = rows.size() / width;
    if (n <= width)
        throw Error(
            fmt::format("{} held-out samples are too few to fit {} statistics on", n, dimensions), "",
            fmt::format("Use at least {} held-out samples, or a score without a fit.", dimensions + 1));
    GaussianMixture mixture;
    mixture.dimensions_ = dimensions;
    mixture.mean_.assign(width, 0);
    mixture.sd_.assign(width, 0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t d = 0; d < width; ++d)
            mixture.mean_[d] += rows[i * width + d] / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t d = 0; d < width; ++d)
            mixture.sd_[d] +=
                std::pow(rows[i * width + d] - mixture.mean_[d], 2) / static_cast<double>(n - 1);
    for (double& sd : mixture.sd_)
        sd = sd > 0 ? std::sqrt(sd) : 1; // a column that is the same throughout
    std::vector<double> x(n * width);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t d = 0; d < width; ++d)
            x[i * width + d] = (rows[i * width + d] - mixture.mean_[d]) / mixture.sd_[d];

    const std::size_t wanted = std::clamp<std::size_t>(n / least_rows_a_component, 1,
                                                       static_cast<std::size_t>(std::max(1, components)));
    const std::vector<std::size_t> starts = distant_rows(x, dimensions, wanted, seed);
    std::vector<double> whole(width * width, 0);
    for (std::size_t d = 0; d < width; ++d)
        whole[d * width + d] = 1;
    for (const std::size_t start : starts) {
        Part part;
        part.log_weight = -std::log(static_cast<double>(starts.size()));
        part.mean.assign(x.begin() + static_cast<std::ptrdiff_t>(start * width),
                         x.begin() + static_cast<std::ptrdiff_t>((start + 1) * width));
        mixture.set_covariance(part, whole);
        mixture.parts_.push_back(std::move(part));
    }
    const std::size_t parts = mixture.parts_.size();
    std::vector<double> share(n * parts), terms(parts);
    for (int round = 0; round < most_rounds; ++round) {
        double likelihood = 0;
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < parts; ++k)
                terms[k] = mixture.log_part(mixture.parts_[k], std::span(x).subspan(i * width, width));
            const double sum = log_sum(terms);
            likelihood += sum / static_cast<double>(n);
            for (std::size_t k = 0; k < parts; ++k)
                share[i * parts + k] = std::exp(terms[k] - sum);
        }
        const bool done = !mixture.history_.empty() && likelihood - mixture.history_.back() < least_gain;
        mixture.history_.push_back(likelihood);
        if (done) break;
        for (std::size_t k = 0; k < parts; ++k) {
            Part& part = mixture.parts_[k];
            double weight = 0;
            std::vector<double> mean(width, 0), covariance(width * width, 0);
            for (std::size_t i = 0; i < n; ++i) {
                weight += share[i * parts + k];
                for (std::size_t d = 0; d < width; ++d)
                    mean[d] += share[i * parts + k] * x[i * width + d];
            }
            // A component that no row belongs to stays where it is, with no weight.
            part.log_weight = std::log(weight / static_cast<double>(n));
            if (weight < 1e-6) continue;
            for (double& m : mean)
                m /= weight;
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t a = 0; a < width; ++a)
                    for (std::size_t b = 0; b <= a; ++b)
                        covariance[a * width + b] += share[i * parts + k] * (x[i * width + a] - mean[a]) *
                                                     (x[i * width + b] - mean[b]) / weight;
            part.mean = mean;
            mixture.set_covariance(part, std::move(covariance));
        }
    }
    for (const double sd : mixture.sd_)
        for (double& value : mixture.history_)
            value -= std::log(sd);
    return mixture;
}

double GaussianMixture::log_density(std::span<const double> row) const {
    std::vector<double> x(static_cast<std::size_t>(dimensions_)), terms;
    double scale = 0;
    for (std::size_t d = 0; d < x.size(); ++d) {
        if (!std::isfinite(row[d])) return -std::numeric_limits<double>::infinity();
        x[d] = (row[d] - mean_[d]) / sd_[d];
        scale += std::log(sd_[d]);
    }
    for (const Part& part : parts_)
        terms.push_back(log_part(part, x));
    return log_sum(terms) - scale;
}

} // namespace ebm::measure
