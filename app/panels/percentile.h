#pragma once

#include <span>

namespace ebm::panels {

/// Share of the data whose energy is below `energy`, 0 … 100. `quantiles` are the data's energies at equally
/// spaced shares from 0 to 1, ascending. NaN without quantiles or if `energy` is not finite.
double percentile(float energy, std::span<const float> quantiles);

/// Where a sample's energy stands among those of the data.
enum class Standing {
    unknown, ///< no data energies yet, or the energy is not finite
    below,   ///< under 2.5 %: likelier than almost all data
    among,   ///< 2.5 … 90 %: like the data
    high,    ///< 90 … 99.5 %: like the unlikeliest data
    beyond   ///< above 99.5 %: unlike the data
};
Standing standing(float energy, std::span<const float> quantiles);
/// "among the data", "above 99 % of the data" …: a few words for a tooltip.
const char* standing_words(Standing standing);

} // namespace ebm::panels
