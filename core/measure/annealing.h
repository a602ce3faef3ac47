#pragma once

#include "core/energy/energy.h"
#include "core/measure/ais.h"

#include <memory>
#include <vector>

namespace ebm::measure {

/// One estimate by `anneal`, a level at a time, so that others can be served in between and it can be
/// watched.
class Annealing {
public:
    /// Throws Error if the settings make no estimate or an energy is not a number.
    Annealing(std::shared_ptr<const Energy> energy, const AnnealSettings& settings);

    const AnnealSettings& settings() const { return settings_; }
    /// Whether levels are left, of the dry run, the run that counts or the one that goes back.
    bool left() const { return run_.phase != last_phase_ || run_.level < settings_.levels; }
    AnnealPhase phase() const { return run_.phase; }
    /// Levels of the phase that are done.
    int level() const { return run_.level; }
    /// Share of all phases that is done.
    double done() const;
    /// The next level. Throws Error if an energy is not a number.
    void advance();

    /// Of the run that counts, after each level that is done; [0] is β = 0.
    const std::vector<AnnealedLevel>& path() const { return path_; }
    /// Where the chains are, [chains, sample shape…]; of the run that counts once it is done.
    const torch::Tensor& positions() const { return counted().x; }
    /// Once nothing is left.
    Annealed result() const;

private:
    /// Energies and gradients of all chains divided by T, double [n] and like x.
    struct Force {
        torch::Tensor energy, gradient;
    };
    struct Run {
        AnnealPhase phase = AnnealPhase::adapting;
        std::uint64_t seed = 0;
        int level = 0; ///< that is done
        torch::Tensor x, log_weight;
        Force force;
        double accepted = 0;
        double step = 0, running = 0; ///< of the dry run
    };
    Force force(const torch::Tensor& x) const;
    /// Every chain anew: spread evenly over the box, or as exact samples, to go back.
    void begin(AnnealPhase phase);
    void adapt(double beta, int level);
    /// The run that counts, or the one before it.
    const Run& counted() const { return run_.phase == AnnealPhase::reverse ? forward_ : run_; }
    /// One Hamiltonian move at `beta`; returns the share of the chains that accepted.
    double move(double beta, double step, int number);
    void note_level();
    /// log of the mean weight, its 95 % interval and (Σ w)² / Σ w².
    struct Mean {
        double log, low, high, effective;
    };
    Mean mean_weight(const Run& run) const;

    std::shared_ptr<const Energy> energy_;
    AnnealSettings settings_;
    std::vector<double> betas_, steps_;
    double log_volume_ = 0; ///< of the box
    AnnealPhase last_phase_ = AnnealPhase::forward;
    std::string no_reverse_;
    Run run_, forward_; ///< forward_: once the run that counts is done
    std::vector<AnnealedLevel> path_;
};

} // namespace ebm::measure
