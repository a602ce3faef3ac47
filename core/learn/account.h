#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace ebm {

/// The lines of one training iteration of Algorithm 1 (Du & Mordatch 2019), in their order. Maximum
/// likelihood has the first and the last.
enum class Phase { data, start, sample, energies, update };

/// Where a learner stands in its iteration: `phase` is what it does next.
struct Progress {
    Phase phase = Phase::data;
    int step = 0, steps = 0; ///< sampling steps done, of how many
};

/// How far a learner goes at once.
enum class Stride { sampling_step, line, iteration };

/// What each line of Algorithm 1 did in one iteration, with the numbers that it computed. No LibTorch: the
/// window shows these. Only the lines before `progress.phase` are known, and all of them once the iteration
/// is whole.
struct Account {
    static constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

    std::int64_t iteration = 0; ///< 1 for the first
    Progress progress;          ///< in the iteration; once it is whole, `whole` says so
    bool whole = false;

    // x⁺ ~ data
    std::int64_t data_count = 0;    ///< training samples
    std::vector<std::int64_t> rows; ///< [N], which of them were drawn
    int elements = 0, shown = 0;    ///< numbers of a sample; samples that are listed below
    std::vector<float> positives;   ///< [shown][elements], with their noise

    // x⁰ ~ buffer or uniform noise
    std::int64_t buffer_size = 0;
    std::int64_t buffer_filled = 0;        ///< of its slots, those that may be drawn
    std::vector<std::int64_t> slots, ages; ///< [N], ages in Langevin steps; 0 where fresh
    /// [N], the slots that negatives are added in; empty where each goes back to its own.
    std::vector<std::int64_t> put;
    std::vector<std::uint8_t> fresh; ///< [N]
    std::int64_t fresh_count = 0;

    // Langevin steps
    std::vector<float> negatives;                ///< [shown][elements], as far as they are
    std::vector<float> energies, gradient_norms; ///< [N], where the last gradient was taken
    std::vector<std::uint8_t> stayed;            ///< [N], whether its last proposal was refused
    /// [shown] each, of the last step: the factor c that the spread gave the step size, whether a jump took
    /// the step's place, and the energy of the place that was proposed.
    std::vector<float> step_scales, proposed_energies;
    std::vector<std::uint8_t> jumped;
    float mean_energy = unknown, mean_gradient_norm = unknown; ///< over the negatives, at the same points
    std::int64_t refused = 0;                                  ///< of all negatives in the last step
    std::int64_t jumps = 0, jumps_accepted = 0;             ///< of all negatives in the newest steps reported
    float clipped_share = unknown, clamped_share = unknown; ///< of the elements in the newest steps reported
    float distance = unknown;                               ///< mean |Δx| of these steps

    // Loss and its gradient
    float positive_energy = unknown, negative_energy = unknown; ///< means
    std::vector<float> positive_energies, negative_energies;    ///< [shown] each, of the samples listed
    float regulariser = unknown, energy_l2 = 0;
    float class_loss = unknown, class_weight = 0; ///< 0 if the loss has no such term
    float loss = unknown; ///< E⁺ − E⁻ + energy_l2 · regulariser + class_weight · class_loss
    float gradient_norm_weights = unknown; ///< before clipping

    // Adam, and back into the buffer
    float gradient_scale = 1;                             ///< 1 unless the gradient was too long
    float learning_rate = unknown, update_norm = unknown; ///< ‖Δθ‖
    float positive_after = unknown,
          negative_after = unknown; ///< mean energies of the same samples afterwards
    /// [shown] each: how much the update changed the energy of the samples that are listed.
    std::vector<float> positive_changes, negative_changes;
    /// The largest absolute value among them; 0 where none is known.
    float largest_change() const {
        float largest = 0;
        for (const auto* changes : {&positive_changes, &negative_changes})
            for (const float change : *changes)
                largest = std::max(largest, std::abs(change)); // NaN is left out: it has no arrow
        return largest;
    }
};

} // namespace ebm
