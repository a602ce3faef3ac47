#include "core/measure/diagnostics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ebm::measure {
namespace {

using Chains = std::vector<std::vector<double>>;
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

bool comparable(const Chains& chains) {
    if (chains.empty() || chains.front().size() < 4) return false;
    return std::all_of(chains.begin(), chains.end(),
                       [&](const auto& chain) { return chain.size() == chains.front().size(); });
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

double effective_sample_size(const Chains& chains) {
    if (!comparable(chains)) return not_a_number;
    const auto [within, total] = variances(chains);
    if (!(total > 0)) return not_a_number;
    const std::size_t length = chains.front().size();
    const double n = static_cast<double>(length), m = static_cast<double>(chains.size());
    std::vector<double> means;
    for (const auto& chain : chains)
        means.push_back(mean(chain));
    const auto correlation = [&, within = within, total = total](std::size_t lag) {
        double covariance = 0;
        for (std::size_t c = 0; c < chains.size(); ++c)
            covariance += autocovariance(chains[c], means[c], lag) * n / (n - 1) / m;
        return 1 - (within - covariance) / total;
    };
    double sum = 0, smallest = std::numeric_limits<double>::infinity();
    for (std::size_t lag = 0; lag + 1 < length; lag += 2) {
        const double pair = (lag == 0 ? 1.0 : correlation(lag)) + correlation(lag + 1);
        if (!(pair > 0)) break;
        smallest = std::min(smallest, pair);
        sum += smallest;
    }
    // Antithetic chains may give more than one effective sample a draw; the bound keeps noise from dividing
    // by zero.
    const double time = std::max(2 * sum - 1, 1 / std::log10(n * m));
    return n * m / time;
}

double split_r_hat(const Chains& chains) {
    if (!comparable(chains)) return not_a_number;
    const auto half = static_cast<std::ptrdiff_t>(chains.front().size() / 2);
    Chains halves;
    for (const auto& chain : chains) {
        halves.emplace_back(chain.begin(), chain.begin() + half);
        halves.emplace_back(chain.end() - half, chain.end());
    }
    const auto [within, total] = variances(halves);
    return within > 0 ? std::sqrt(total / within) : not_a_number;
}

} // namespace ebm::measure
