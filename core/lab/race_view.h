#pragma once

#include "core/lab/types.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace ebm::lab {

/// What a person reads of the record of a sampler.
struct SamplerInfo {
    std::string name, title, help;
    std::string step_name; ///< "λ", "ε"
};
/// In the order of the records.
const std::vector<SamplerInfo>& sampler_infos();

/// One sampler of a race and what its draws say. Draws are of all chains, warm-up left out; numbers that are
/// not known are NaN.
struct RaceLane {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    std::string sampler, title;
    bool exact = true;          ///< leaves exp(−E/T) on the box invariant, whatever the step
    double step = 0;            ///< in force; of tempering that of each replica's moves
    bool step_found = false;    ///< in the dry run
    std::int64_t gradients = 0; ///< of each chain, warm-up included, dry run not
    std::int64_t draws = 0;     ///< of each chain after the warm-up
    double seconds = 0;         ///< of its own work after the warm-up
    double acceptance = unknown, swap_acceptance = unknown;
    std::int64_t divergences = 0; ///< Hamiltonian moves that flew off, see SamplerReport

    /// By the statistic that mixes worst, as Mixing: bulk ESS, rank-normalised R̂, and the plain split R̂.
    double effective_samples = unknown, r_hat = unknown, split_r_hat = unknown;
    double per_second = unknown, per_gradient = unknown; ///< ESS, over the gradients of all chains
    std::string slowest, why_unknown;
    /// Where the ESS was measured; the draws may have gone on since.
    std::int64_t measured_draws = 0;

    std::string problem; ///< why it stopped early, a sentence with a remedy; empty if it did not

    std::vector<double> mode_shares; ///< of the draws; empty where modes are not known
    double mode_none = 0;            ///< of draws in no mode
    double mode_distance = unknown;  ///< total variation from RaceView::mode_shares

    std::vector<float> positions; ///< of the chains as they are: plane [chains][2], else empty
    std::int64_t cost = 1;        ///< gradients of a chain for one draw
    std::vector<float> trace;     ///< of the first chain's traced statistic, the newest draws, oldest first
    std::vector<float> autocorrelation; ///< of the traced statistic, mean over the chains, lags 0 …
    std::vector<std::uint8_t> pixels;   ///< pictures: the first chains, [shown][C·H·W]
    int shown = 0;
};

struct RaceView {
    RaceSettings settings;
    std::int64_t iteration = 0; ///< of the model that is raced on
    double temperature = 1;     ///< T: all of them sample exp(−E/T)
    bool box = true;
    double box_low = 0, box_high = 0;
    bool paused = false, adapting = false, done = false;
    double adapted = 0;              ///< share of the dry run that is done
    std::string traced;              ///< statistic of the traces: "x"
    std::vector<double> mode_shares; ///< of exp(−E/T), by quadrature; empty where modes are not known
    std::vector<RaceLane> lanes;
};

/// The end of a race with all draws that count.
struct RaceOutcome {
    RaceView view;
    struct Draws {
        std::string sampler;
        std::int64_t chains = 0, draws = 0;
        std::vector<std::string> statistics;     ///< "x", "y", "energy"; of pictures "energy", "mean"
        std::vector<std::vector<double>> values; ///< of each statistic [chains · draws]
    };
    std::vector<Draws> draws; ///< by lane
};

} // namespace ebm::lab
