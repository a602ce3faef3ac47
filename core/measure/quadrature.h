#pragma once

#include <span>

/// Integrals over the plane by the midpoint rule: sums over the centres of equal cells. For densities that
/// are smooth on the scale of a cell the rule converges faster than any power of the cell size.
namespace ebm::measure {

/// log Σ exp(vᵢ), without overflow; −∞ for no values.
double log_sum_exp(std::span<const float> values);

/// log Z = log ∫ exp(−E(x)) dx of energies on a grid.
double log_partition(std::span<const float> energies, double cell_area);

struct Divergence {
    double kl = 0;            ///< KL(data‖model) in nats
    double log_partition = 0; ///< log Z of the model on the grid
    double data_mass = 0;     ///< ∫ p over the grid; clearly below 1 if the grid cuts off data
};

/// KL(data‖model) = ∫ p (log p + E) dx + log Z from log p and E at the same cell centres. p is normalised on
/// the grid. Cells with log p = −∞ add nothing. Throws Error if the sizes differ, an energy is not finite, or
/// p has no mass.
Divergence data_model_divergence(std::span<const float> log_density, std::span<const float> energies,
                                 double cell_area);

} // namespace ebm::measure
