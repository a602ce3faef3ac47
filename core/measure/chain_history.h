#pragma once

#include "core/measure/diagnostics.h"

#include <cstdint>
#include <deque>

namespace ebm::measure {

/// How well chains mix, by the statistic that mixes worst.
struct Mixing {
    double effective_samples =
        0;                  ///< bulk ESS over all chains, the smallest of the statistics; NaN if unknown
    std::string slowest;    ///< the statistic with that ESS
    double r_hat = 0;       ///< rank-normalised, the largest of the statistics; NaN if unknown
    int chains = 0;         ///< compared
    std::int64_t draws = 0; ///< of each chain
    std::string reason;     ///< why there is no ESS and no R̂; empty if there is
};

/// The latest steps of a fixed part of the chains, in a few scalar statistics that need no labels (energy,
/// coordinates): what ESS and R̂ over all chains are computed from. Memory: statistics · chains · steps · 4
/// bytes.
class ChainHistory {
public:
    static constexpr std::size_t most_chains = 64, most_steps = 512, fewest_steps = 16;

    explicit ChainHistory(std::vector<std::string> statistics) : statistics_(std::move(statistics)) {}

    /// After a step of all chains: values[s] holds statistic s of every chain; the first 64 are kept. Another
    /// number of chains than before begins anew.
    void add(const std::vector<std::vector<float>>& values);
    /// The chain was put somewhere else, not by a step: it counts again when all its kept steps come after
    /// that.
    void restarted(std::size_t chain);
    void clear();

    std::size_t chains() const { return chains_; }
    std::int64_t steps() const { return static_cast<std::int64_t>(steps_.size()); }
    /// Over the steps kept, all chains that were not restarted meanwhile; if all were, all chains over the
    /// steps since the last restart.
    Mixing mixing() const;
    /// The kept values of a chain since it was last put somewhere else, oldest first. Throws Error if there
    /// is no such statistic.
    std::vector<float> path(const std::string& statistic, std::size_t chain) const;

private:
    std::vector<std::string> statistics_;
    std::size_t chains_ = 0;
    std::deque<std::vector<float>> steps_; ///< [statistics · chains], oldest first
    std::vector<std::int64_t> age_;        ///< [chains], steps kept since the last restart
};

} // namespace ebm::measure
