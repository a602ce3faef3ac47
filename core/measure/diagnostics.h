#pragma once

#include "core/measure/health.h"

#include <span>
#include <string>
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

/// Chains of one scalar: [chains][draws], all of the same length.
using Chains = std::vector<std::vector<double>>;

/// Effective sample size for the mean, as ArviZ 0.23 computes "mean": every chain split in halves, τ = −1 + 2
/// Σ ρ̂ₜ over Geyer's initial positive and monotone sequence [Geyer 1992; Vehtari et al. 2021, equations
/// 10–13], chains · draws / τ. NaN for what `why_unknown` names.
double effective_sample_size(const Chains& chains);
/// The same of the ranks of all draws, as normal scores ("bulk"): also meaningful if the scalar has no
/// variance.
double bulk_effective_sample_size(const Chains& chains);

/// R̂ of chains split in halves [Gelman et al., Bayesian Data Analysis, 3rd edition, section 11.4]: about 1
/// when the chains agree, above 1.01 when they do not; ∞ for halves that stand still at different places.
/// NaN for what `why_unknown` names.
double split_r_hat(const Chains& chains);
/// The larger one of the split R̂ of the ranks of the draws and of their distances from the median, as normal
/// scores [Vehtari et al. 2021]: also sees chains that differ in spread, and heavy tails.
double rank_r_hat(const Chains& chains);

/// Why ESS and R̂ of these chains are not known, a sentence without a full stop; empty if they are.
std::string why_unknown(const Chains& chains);

/// Verdict on a run from its records, oldest first (the last 200 are read) and the settings it runs with. The
/// energies are judged by d = E⁺ − E⁻: negative = data lie lower than the chains, positive = chains lie lower
/// than the data.
///
/// Once no iteration is to come, and for energies that are not trained, the sampler is judged by the live
/// chains.
Health judge(const std::vector<Record>& records, const Settings& settings, const Circumstances& around = {});

} // namespace ebm::measure
