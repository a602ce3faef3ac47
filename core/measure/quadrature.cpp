#include "core/measure/quadrature.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace ebm::measure {
namespace {

/// log Σ exp(sign · vᵢ).
double log_sum_exp(std::span<const float> values, double sign) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const float value : values)
        largest = std::max(largest, sign * value);
    if (std::isinf(largest)) return largest;
    double sum = 0;
    for (const float value : values)
        sum += std::exp(sign * value - largest);
    return largest + std::log(sum);
}

} // namespace

double log_sum_exp(std::span<const float> values) {
    return log_sum_exp(values, 1);
}

double log_partition(std::span<const float> energies, double cell_area) {
    return log_sum_exp(energies, -1) + std::log(cell_area);
}

Divergence data_model_divergence(std::span<const float> log_density, std::span<const float> energies,
                                 double cell_area) {
    if (log_density.size() != energies.size() || energies.empty() || !(cell_area > 0))
        throw Error("The grids of the density and the energy do not fit",
                    std::to_string(log_density.size()) + " and " + std::to_string(energies.size()) + " cells",
                    "This is a mistake in the program. Please report it.");
    if (!std::all_of(energies.begin(), energies.end(), [](float e) { return std::isfinite(e); }))
        throw Error("The energy on the grid is not finite", "",
                    "The model has diverged. Go back to an earlier state.");
    Divergence result;
    const double log_mass = log_sum_exp(log_density, 1) + std::log(cell_area);
    if (!std::isfinite(log_mass))
        throw Error("The data density on the grid is zero or not a number", "",
                    "Choose a grid that covers the data.");
    result.data_mass = std::exp(log_mass);
    result.log_partition = log_partition(energies, cell_area);
    double cross = 0;
    for (std::size_t i = 0; i < energies.size(); ++i) {
        const double log_p = log_density[i] - log_mass;
        const double p = std::exp(log_p);
        if (p > 0) cross += p * (log_p + energies[i]);
    }
    result.kl = cross * cell_area + result.log_partition;
    return result;
}

} // namespace ebm::measure
