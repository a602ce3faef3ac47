#include "core/measure/diagnostics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace ebm::measure {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double mean(std::span<const double> series) {
    return std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(series.size());
}

/// Σ (x_i − m)(x_{i + lag} − m) / n.
double autocovariance(std::span<const double> series, double series_mean, std::size_t lag) {
    double sum = 0;
    for (std::size_t i = 0; i + lag < series.size(); ++i)
        sum += (series[i] - series_mean) * (series[i + lag] - series_mean);
    return sum / static_cast<double>(series.size());
}

/// Each chain as its first and its second half; the middle draw of an odd number belongs to neither.
Chains split(const Chains& chains) {
    const auto half = static_cast<std::ptrdiff_t>(chains.front().size() / 2);
    Chains halves;
    for (const auto& chain : chains) {
        halves.emplace_back(chain.begin(), chain.begin() + half);
        halves.emplace_back(chain.end() - half, chain.end());
    }
    return halves;
}

/// Variance within chains W and the estimate var⁺ = (n − 1)/n W + B/n of the target's variance.
struct Variances {
    double within = 0, total = 0;
};

Variances variances(const Chains& chains) {
    const double n = static_cast<double>(chains.front().size()), m = static_cast<double>(chains.size());
    std::vector<double> means;
    Variances result;
    for (const auto& chain : chains) {
        means.push_back(mean(chain));
        result.within += autocovariance(chain, means.back(), 0) * n / (n - 1) / m;
    }
    const double between = m > 1 ? autocovariance(means, mean(means), 0) * m / (m - 1) : 0; // B / n
    result.total = (n - 1) / n * result.within + between;
    return result;
}

/// All values are the same, apart from rounding.
bool constant(const Chains& chains) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const auto& chain : chains)
        for (const double value : chain) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    return !(high - low >= 1e-15);
}

/// Φ⁻¹: Acklam's rational approximation and one step of Halley's method, exact to rounding.
double normal_quantile(double p) {
    constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                            1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
    constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                            6.680131188771972e+01, -1.328068155288572e+01};
    constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                            -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
    constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                            3.754408661907416e+00};
    const auto tail = [&](double q) {
        return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
               ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    };
    double x = 0;
    if (p < 0.02425) {
        x = tail(std::sqrt(-2 * std::log(p)));
    } else if (p > 1 - 0.02425) {
        x = -tail(std::sqrt(-2 * std::log(1 - p)));
    } else {
        const double q = p - 0.5, r = q * q;
        x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
            (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
    }
    const double error = 0.5 * std::erfc(-x / std::numbers::sqrt2) - p;
    const double step = error * std::sqrt(2 * std::numbers::pi) * std::exp(x * x / 2);
    return x - step / (1 + x * step / 2);
}

/// Each value replaced by the normal quantile of its rank among all of them (Blom's (r − 3/8) / (S + 1/4));
/// equal values share their mean rank.
Chains normal_scores(const Chains& chains) {
    struct Entry {
        double value;
        std::size_t chain, draw;
    };
    std::vector<Entry> entries;
    for (std::size_t c = 0; c < chains.size(); ++c)
        for (std::size_t i = 0; i < chains[c].size(); ++i)
            entries.push_back({chains[c][i], c, i});
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.value < b.value; });
    Chains scores = chains;
    const double size = static_cast<double>(entries.size());
    for (std::size_t first = 0; first < entries.size();) {
        std::size_t end = first + 1;
        while (end < entries.size() && entries[end].value == entries[first].value)
            ++end;
        const double rank = (static_cast<double>(first + 1) + static_cast<double>(end)) / 2;
        const double score = normal_quantile((rank - 0.375) / (size + 0.25));
        for (; first < end; ++first)
            scores[entries[first].chain][entries[first].draw] = score;
    }
    return scores;
}

/// Distances from the median of all values.
Chains folded(Chains chains) {
    std::vector<double> all;
    for (const auto& chain : chains)
        all.insert(all.end(), chain.begin(), chain.end());
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    const double median = all.size() % 2 ? *middle : (*middle + *std::max_element(all.begin(), middle)) / 2;
    for (auto& chain : chains)
        for (double& value : chain)
            value = std::abs(value - median);
    return chains;
}

/// ESS of chains that have been split, at least two draws each.
double effective_size(const Chains& chains) {
    const auto [within, total] = variances(chains);
    const std::size_t length = chains.front().size();
    const double n = static_cast<double>(length), m = static_cast<double>(chains.size());
    std::vector<double> means;
    for (const auto& chain : chains)
        means.push_back(mean(chain));
    const double unbiased = within, target = total; // a lambda cannot capture structured bindings
    const auto correlation = [&](std::size_t lag) {
        double covariance = 0;
        for (std::size_t c = 0; c < chains.size(); ++c)
            covariance += autocovariance(chains[c], means[c], lag) / m;
        return 1 - (unbiased - covariance) / target;
    };
    // Geyer's initial positive sequence: pairs of lags (0, 1), (2, 3) … while their sum is positive.
    std::vector<double> rho(length + 2, 0.0);
    double even = 1, odd = correlation(1);
    rho[0] = even;
    rho[1] = odd;
    std::size_t t = 1;
    for (; t + 3 < length && even + odd > 0; t += 2) {
        even = correlation(t + 1);
        odd = correlation(t + 2);
        if (even + odd >= 0) {
            rho[t + 1] = even;
            rho[t + 2] = odd;
        }
    }
    // The first lag of the pair that ended the sequence makes the estimate better for antithetic chains.
    const std::ptrdiff_t last = static_cast<std::ptrdiff_t>(t) - 2;
    if (even > 0) rho[static_cast<std::size_t>(last + 1)] = even;
    for (std::ptrdiff_t at = 1; at <= last - 2; at += 2) { // monotone
        double* pair = rho.data() + at - 1;
        if (pair[2] + pair[3] > pair[0] + pair[1]) pair[2] = pair[3] = (pair[0] + pair[1]) / 2;
    }
    double sum = 0;
    for (std::ptrdiff_t lag = 0; lag <= last; ++lag)
        sum += rho[static_cast<std::size_t>(lag)];
    // Antithetic chains may give more than one effective sample a draw; the bound keeps noise from dividing
    // by zero.
    const double time =
        std::max(-1 + 2 * sum + rho[static_cast<std::size_t>(last + 1)], 1 / std::log10(n * m));
    return n * m / time;
}

double r_hat(const Chains& chains) {
    const auto [within, total] = variances(chains);
    return std::sqrt(total / within);
}

} // namespace

std::vector<double> autocorrelation(std::span<const double> series, std::size_t lags) {
    if (series.empty()) return {};
    lags = std::min(lags, series.size() - 1);
    const double m = mean(series), variance = autocovariance(series, m, 0);
    std::vector<double> result(lags + 1, 1.0);
    for (std::size_t lag = 1; lag <= lags && variance > 0; ++lag)
        result[lag] = autocovariance(series, m, lag) / variance;
    return result;
}

std::string why_unknown(const Chains& chains) {
    if (chains.empty()) return "there is no chain";
    for (const auto& chain : chains) {
        if (chain.size() != chains.front().size()) return "the chains are not equally long";
        if (chain.size() < 4) return "four steps are needed, there are " + std::to_string(chain.size());
        if (std::any_of(chain.begin(), chain.end(), [](double v) { return !std::isfinite(v); }))
            return "a value is not finite";
    }
    return constant(chains) ? "nothing has moved" : "";
}

double effective_sample_size(const Chains& chains) {
    return why_unknown(chains).empty() ? effective_size(split(chains)) : not_a_number;
}

double bulk_effective_sample_size(const Chains& chains) {
    return why_unknown(chains).empty() ? effective_size(normal_scores(split(chains))) : not_a_number;
}

double split_r_hat(const Chains& chains) {
    return why_unknown(chains).empty() ? r_hat(split(chains)) : not_a_number;
}

double rank_r_hat(const Chains& chains) {
    if (!why_unknown(chains).empty()) return not_a_number;
    const Chains halves = split(chains);
    // NaN of one of them: all distances from the median are equal, which tells nothing.
    return std::fmax(r_hat(normal_scores(halves)), r_hat(normal_scores(folded(halves))));
}

} // namespace ebm::measure
