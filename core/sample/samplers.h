#pragma once

#include "core/sample/sampler.h"

#include <string>
#include <string_view>
#include <vector>

/// Samplers of exp(−E/T) that can be raced against each other, one record each. The live chains and the
/// training move by core/sample/sampler.h, whose fused kernels have Langevin and MALA alone.
///
/// A new sampler is one file in samplers/ that defines `SamplerRecord its_name_sampler()`, and one line in
/// the list of samplers.cpp.
namespace ebm {

/// What all samplers are told; each reads what concerns it.
struct SamplerTuning {
    double step = 0.1;      ///< λ of Langevin moves x − λ/2 ∇E + √(λT) ξ; ε of a leapfrog
    double temperature = 1; ///< T
    bool box = true;
    float box_low = -1, box_high = 1;
    float gradient_clip = 0, drift_limit = 0; ///< of Langevin moves, as kernels/step.h says; 0 = off
    int leapfrogs = 10;                       ///< of a Hamiltonian move
    int replicas = 4;                         ///< of tempering, at least 2
    double hottest = 10;                      ///< T of the hottest replica over that of the coldest
};
/// Its Langevin move, without spread and jumps.
kernels::StepSettings move_of(const SamplerTuning& tuning, kernels::Rule rule);

/// Named tensors of all chains, in the order in which they were first named. Every sampler keeps "x"
/// [N, sample shape…] and "energy" [N], its draws; "labels" [N] are there if the energy is asked for classes.
class SamplerState {
public:
    /// Undefined until it is set.
    torch::Tensor& operator[](std::string_view name);
    /// Undefined without one of that name.
    torch::Tensor find(std::string_view name) const;
    const NamedTensors& tensors() const { return tensors_; }

private:
    NamedTensors tensors_;
};

/// Named counters of all chains together.
class SamplerReport {
public:
    /// Evaluations of E with its gradient.
    static constexpr std::string_view gradients = "gradients";
    static constexpr std::string_view proposals = "proposals", accepted = "accepted";
    static constexpr std::string_view swaps = "swaps", swaps_accepted = "swaps_accepted"; ///< of replicas
    /// Hamiltonian moves whose energy is off by more than 1000 T, or not a number.
    static constexpr std::string_view divergences = "divergences";

    void add(std::string_view name, std::int64_t count);
    void add(const SamplerReport& other);
    /// 0 if nothing was counted.
    std::int64_t operator[](std::string_view name) const;
    /// part / whole; NaN if there is no whole.
    double share(std::string_view part, std::string_view whole) const;

private:
    std::vector<std::pair<std::string, std::int64_t>> counters_;
};

struct SamplerRecord {
    std::string_view name, title;
    std::string_view help;      ///< a sentence: what one step does
    std::string_view step_name; ///< of SamplerTuning::step: "λ", "ε"
    bool exact = true;          ///< leaves exp(−E/T) on the box invariant
    double first_step = 0.1;    ///< where the search for a step begins
    /// Acceptance that a dry run aims at, and the record whose steps it makes: those of the sampler itself,
    /// or of one that refuses, for a sampler that accepts everything.
    double wanted_acceptance = 0.574;
    std::string_view tuned_as = {};

    /// Gradient evaluations of a chain in one step.
    std::int64_t (*cost)(const SamplerTuning&) = nullptr;
    /// State of chains at `start`. Throws Error if an energy there is not finite.
    void (*init)(const Energy&, const Batch& start, const SamplerTuning&, SamplerState&,
                 SamplerReport&) = nullptr;
    /// One draw of every chain; chain i uses random chains place.chain + i, and of tempering also those of
    /// the other replicas, place.chain + replica · N + i. place.stream is not read. Throws Error if a state
    /// or an energy stops being finite.
    void (*step)(const Energy&, SamplerState&, const SamplerTuning&, random::Place, SamplerReport&) = nullptr;
};

/// All of them, in the order in which they are offered.
const std::vector<SamplerRecord>& samplers();
/// Throws Error with the nearest known name.
const SamplerRecord& find_sampler(std::string_view name);

/// The step of a sampler, found in a dry run: doubled or halved until the acceptance that the record wants is
/// passed, then Robbins and Monro's stochastic approximation towards it. The draws are thrown away and the
/// step is frozen afterwards, because chains whose step follows them do not sample exp(−E/T).
class StepSearch {
public:
    static constexpr int rounds = 300;
    /// Refers to the energy.
    StepSearch(const SamplerRecord& record, const Energy& energy, const Batch& start,
               const SamplerTuning& tuning, const random::Place& place);
    /// One step of the chains.
    void advance();
    double done() const { return static_cast<double>(round_) / rounds; }
    /// The geometric mean over the second half of the dry run.
    double found() const;

private:
    const SamplerRecord& record_;
    const SamplerRecord& mover_;
    const Energy& energy_;
    SamplerTuning tuning_;
    random::Place place_;
    SamplerState state_;
    int round_ = 0, settled_ = 0; ///< rounds made, and those after the doubling
    bool rising_ = false;         ///< whether the last round accepted more than wanted
    double log_step_ = 0, sum_ = 0;
};

} // namespace ebm
