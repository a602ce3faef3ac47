#pragma once

#include "core/settings/settings.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace ebm::measure {

enum class HealthLevel { unknown, good, attention, failure };

/// A verdict on a training run and its chains, with the numbers behind it and what to do.
struct Health {
    HealthLevel level = HealthLevel::unknown;
    std::string sentence;                                ///< "Healthy: samples and data have the same energy"
    std::vector<std::pair<std::string, double>> numbers; ///< two or three
    std::string remedy;                                  ///< empty if none
    /// What the remedy's button does: settings (key, value), then nothing more, a reset, or the way back to
    /// the newest good state (a reset where none is kept).
    std::vector<std::pair<std::string, std::string>> changes;
    enum class Then { go_on, reset, roll_back } then = Then::go_on;
};

/// What the records of a run do not tell. NaN: not known.
struct Circumstances {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    /// Whether iterations are still to come. If not, the sampler is judged by the live chains alone.
    bool training = true;
    double acceptance = unknown, clipped_share = unknown,
           clamped_share = unknown; ///< of the live chains, lately
    std::int64_t data_count = 0,
                 data_outside = 0;      ///< training samples, and those of them outside the sampler's box
    double data_low = 0, data_high = 0; ///< lowest and highest element of the training data
    Learning learning = Learning::contrast;
    bool bound = false; ///< the loss of a normalised model is no −log p but an upper bound of it
};

} // namespace ebm::measure
