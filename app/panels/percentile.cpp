#include "app/panels/percentile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::panels {

double percentile(float energy, std::span<const float> quantiles) {
    if (quantiles.size() < 2 || !std::isfinite(energy)) return std::numeric_limits<double>::quiet_NaN();
    if (energy <= quantiles.front()) return 0;
    if (energy >= quantiles.back()) return 100;
    const auto above = std::upper_bound(quantiles.begin(), quantiles.end(), energy);
    const auto index = static_cast<std::size_t>(above - quantiles.begin());
    const double low = quantiles[index - 1], high = quantiles[index];
    const double part = high > low ? (energy - low) / (high - low) : 0;
    return 100 * (static_cast<double>(index - 1) + part) / static_cast<double>(quantiles.size() - 1);
}

Standing standing(float energy, std::span<const float> quantiles) {
    const double at = percentile(energy, quantiles);
    if (std::isnan(at)) return Standing::unknown;
    if (at < 2.5) return Standing::below;
    if (at <= 90) return Standing::among;
    return at <= 99.5 ? Standing::high : Standing::beyond;
}

const char* standing_words(Standing standing) {
    switch (standing) {
    case Standing::below:
        return "lower than almost all data";
    case Standing::among:
        return "like the data";
    case Standing::high:
        return "like the unlikeliest tenth of the data";
    case Standing::beyond:
        return "higher than the data: unlike them";
    case Standing::unknown:
        break;
    }
    return "no data energies to compare with yet";
}

} // namespace ebm::panels
