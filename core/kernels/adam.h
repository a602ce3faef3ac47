#pragma once

#include <cstdint>

namespace ebm::kernels {

/// One step of Adam (Kingma & Ba 2015) with t = 1, 2, …:
/// g ← gradient_scale·g; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
/// weights ← weights − learning_rate · (m / correction1) / (√(v / correction2) + epsilon).
struct AdamStep {
    float learning_rate = 1e-3f;
    float beta1 = 0.9f, beta2 = 0.999f;
    float epsilon = 1e-8f;
    double correction1 = 1.0; ///< 1 − β₁^t
    double correction2 = 1.0; ///< 1 − β₂^t
    float gradient_scale = 1.0f;
    float average_decay = 0.0f; ///< average ← average_decay·average + (1 − average_decay)·weights
};

/// The bias corrections of iteration t ≥ 1.
AdamStep adam_step(float learning_rate, float beta1, float beta2, std::int64_t t);

/// Weights, both moments and the moving average of the weights in one pass over `count` elements; `average`
/// may be null. The arrays must not overlap and need no alignment. Every element is computed alike wherever
/// it lies, so a tensor may be split or joined with others.
void adam_ema(float* weights, float* first_moment, float* second_moment, float* average,
              const float* gradient, std::int64_t count, const AdamStep& step, int threads);

/// Σ gradient², in double precision, for clipping by norm. Independent of alignment.
double squared_norm(const float* gradient, std::int64_t count);

} // namespace ebm::kernels
