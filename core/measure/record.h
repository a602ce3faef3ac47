#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace ebm {

/// All scalars of one training iteration; NaN for what its learner does not have. No LibTorch: the window
/// plots these.
struct Record {
    std::int64_t iteration = 0;                        ///< 1 after the first
    double seconds = 0;                                ///< training time so far, pauses excluded
    float positive_energy = 0, positive_energy_sd = 0; ///< E⁺ over the data batch
    float negative_energy = 0, negative_energy_sd = 0; ///< E⁻ over the negatives; NaN without negatives
    float difference() const { return positive_energy - negative_energy; } ///< d = E⁺ − E⁻
    /// Whether chains made negatives: else the loss is of data alone.
    bool has_negatives() const { return !std::isnan(negative_energy); }
    /// d + α mean(E⁺² + E⁻²), plus the class loss times its weight where there is one; of maximum likelihood
    /// −log p, or its bound, in nats a sample; of a classifier the class loss; of score matching see there
    float loss = 0;
    float regulariser = 0; ///< mean(E⁺² + E⁻²)
    float learning_rate = 0;
    float parameter_gradient_norm = 0;              ///< before clipping
    float gradient_norm = 0, gradient_norm_max = 0; ///< |∇ₓE| over the negatives' steps, before clipping
    float clipped_share = 0, clamped_share = 0;     ///< of elements
    float acceptance = 0;                           ///< of mala moves; NaN if none
    float jump_acceptance = 0;                      ///< NaN if none
    float distance = 0;                             ///< mean |Δx| of a step
    float fresh_share = 0;                          ///< of the negatives
    /// The loss of pictures by maximum likelihood in bits a channel value.
    float bits_per_dimension = std::numeric_limits<float>::quiet_NaN();
    /// Mean −log p(y|x⁺) in nats, before its weight; NaN while the loss has no such term.
    float class_loss = std::numeric_limits<float>::quiet_NaN();
};

/// A scalar of a record, declared once: log, files and health read records through this table.
struct RecordField {
    std::string_view name;  ///< in log.csv and in checkpoints
    std::string_view label; ///< for a person
    float Record::*member;
};
/// Everything but iteration and seconds, in the order of the members.
const std::vector<RecordField>& record_fields();

} // namespace ebm
