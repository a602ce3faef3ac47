#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ebm::measure {

enum class HealthLevel { unknown, good, attention, failure };

/// A verdict on a training run with the numbers behind it and what to do.
struct Health {
    HealthLevel level = HealthLevel::unknown;
    std::string sentence;                                ///< "Healthy: samples and data have the same energy"
    std::vector<std::pair<std::string, double>> numbers; ///< two or three
    std::string remedy;                                  ///< empty if none
    std::optional<std::pair<std::string, std::string>>
        change; ///< setting key and value that the remedy's button sets
};

} // namespace ebm::measure
