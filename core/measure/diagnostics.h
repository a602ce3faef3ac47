#pragma once

#include "core/measure/health.h"

#include <span>
#include <vector>

namespace ebm {
struct Settings;
struct Record;
} // namespace ebm

/// How well chains mix, and whether a training run is healthy.
namespace ebm::measure {

/// Autocorrelation at lags 0 … lags (fewer if the series is shorter); 1 at lag 0. Normalised by the variance
/// of the whole series, autocovariances divided by n. A constant series gives 1 everywhere.
std::vector<double> autocorrelation(std::span<const double> series, std::size_t lags);

/// Effective sample size of chains of one scalar, all of the same length ≥ 4: chains · length / τ with
/// τ = −1 + 2 Σ P̂ₜ, P̂ₜ the pair sums ρ̂₂ₜ + ρ̂₂ₜ₊₁ cut at the first non-positive one and made non-increasing
/// [Geyer 1992, initial monotone sequence; over several chains as Vehtari et al. 2021, equations 10–13]. NaN
/// if the series is too short or constant.
double effective_sample_size(const std::vector<std::vector<double>>& chains);

/// R̂ of chains split in halves [Gelman et al., Bayesian Data Analysis, 3rd edition, section 11.4]: about 1
/// when the chains agree, above 1.01 when they do not. Same length ≥ 4. NaN if too short or constant.
double split_r_hat(const std::vector<std::vector<double>>& chains);

/// Verdict on a run from its records, oldest first (the last 200 are read) and the settings it runs with. The
/// energies are judged by d = E⁺ − E⁻: negative = data lie lower than the chains, positive = chains lie lower
/// than the data.
Health judge(const std::vector<Record>& records, const Settings& settings);

} // namespace ebm::measure
