#pragma once

#include <cstdint>

namespace ebm {

struct AdamSettings {
    double learning_rate = 1e-3;
    double beta1 = 0.9, beta2 = 0.999;
    double epsilon = 1e-8;
    std::int64_t step = 1; ///< 1 for the first update; corrects the bias of the moments' start at 0
};

/// One update of `count` weights [Kingma & Ba 2015, Algorithm 1]. The gradient is multiplied by
/// `gradient_scale` first.
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,
///     w ← w − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
void adam_update(float* weights, const float* gradient, float* first_moment, float* second_moment,
                 std::int64_t count, double gradient_scale, const AdamSettings& settings);

/// Decay of the weight average at update `step` (1-based): min(decay, (1 + step) / (10 + step)), so that the
/// average forgets the initial weights quickly.
double average_decay(double decay, std::int64_t step);

} // namespace ebm
