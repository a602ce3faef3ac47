#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ebm {

class Energy;

/// log Z by annealed importance sampling (Neal 2001).
namespace measure {

/// From the uniform density on the box, where log Z = elements · log(high − low), to exp(−E/T) on it, through
/// the densities exp(−β E/T) with β on a sigmoid: γ_t = σ(4 (2t/n − 1)), scaled to 0 … 1 (Wu et al. 2017).
struct AnnealSettings {
    int chains = 64;
    int levels = 1000;         ///< steps from β = 0 to β = 1
    int leapfrogs = 10;        ///< of each Hamiltonian move, one at every level
    double low = -1, high = 1; ///< the box in every element; positions are reflected at its walls
    double temperature = 1;    ///< T
    std::uint64_t seed = 1;
};

struct Annealed {
    double log_z = 0;            ///< of exp(−E/T) over the box, in nats
    double low = 0, high = 0;    ///< 95 % interval, by 1,000 resamplings of the chains
    double effective_chains = 0; ///< (Σ w)² / Σ w²: where it is near 1 the estimate is too low
    int chains = 0, levels = 0;
    double acceptance = 0;                 ///< mean over levels and chains of the run
    double step_least = 0, step_most = 0;  ///< of the leapfrog; a level uses 0.6 to 1 of it, drawn
    double energy_mean = 0, energy_sd = 0; ///< of the chains at the end
    /// By chains that begin as exact samples of exp(−E/T) and run back to β = 0 with the same moves: their
    /// weights have the mean 1/Z, so that this log_z is above log Z in the mean, as the other is below
    /// (Grosse, Ghahramani & Adams 2015).
    struct Reverse {
        double log_z = 0, low = 0, high = 0, effective_chains = 0;
    };
    std::optional<Reverse> reverse; ///< on planes, where exact samples can be drawn
    std::string no_reverse;         ///< why there is none on a plane
    /// Whether so few chains carry the estimate that it is likely to be too low.
    bool few() const { return effective_chains < 2 || effective_chains < 0.1 * chains; }
};

/// What an estimate does: it finds the step sizes, is the run that counts, or goes back from exact samples.
enum class AnnealPhase { adapting, forward, reverse };

/// What is known after a level.
struct AnnealedLevel {
    double beta = 0;
    double log_z = 0;            ///< of exp(−β E/T) over the box, by the weights so far
    double effective_chains = 0; ///< (Σ w)² / Σ w²
    double energy = 0;           ///< mean of E over the chains
};

/// Step sizes of all levels are found in a dry run with other random numbers, which aims at an acceptance of
/// 0.65, and are then frozen: adapting them during the weighted run would bias it. E[w] = Z exactly, so that
/// log_z is below log Z in the mean. On planes a third run goes back from exact samples. `progress` gets the
/// share that is done and returns whether to go on. Throws Error if an energy is not a number, or on a stop.
Annealed anneal(const Energy& energy, const AnnealSettings& settings,
                const std::function<bool(double share)>& progress = {});

} // namespace measure
} // namespace ebm
