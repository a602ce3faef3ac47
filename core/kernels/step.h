#pragma once

#include <cstdint>

/// One step of a chain, the same for the reference sampler (core/sample) and the fused kernels
/// (core/kernels).
///
/// published   x ← clamp(x + s·ξ); g = clip(∇E(x)); x ← clamp(x − a·g)    [code of Du & Mordatch 2019]
/// langevin    g = clip(∇E(x)); x ← clamp(x − a·g + s·ξ)                  [their equation: a = λ/2, s = √λ]
/// mala        x′ = x − a·g + √(2aT)·ξ, accepted with the Metropolis–Hastings probability for exp(−E/T);
///             x′ outside the box is rejected                             [Roberts & Tweedie 1996]
///
/// clip: elementwise to ±gradient_clip, then the whole gradient of a chain to Euclidean norm ≤ drift_limit
/// (each only if positive). It is a function of x, so MALA stays exact. spread: per chain and step a is
/// multiplied by spread^u, u ~ U(−1, 1) (and s by spread^(u/2)). jump: with probability jump_share a step is
/// instead a uniform proposal in the box, accepted with min(1, exp((E(x) − E(x′)) / T)): leaves exp(−E/T) on
/// the box invariant.
namespace ebm::kernels {

enum class Rule { published, langevin, mala };

struct StepSettings {
    Rule rule = Rule::published;
    float drift = 10.0f;        ///< a
    float noise = 0.005f;       ///< s; not read by mala, where s = √(2aT)
    float spread = 1.0f;        ///< ≥ 1; 1 = off
    float gradient_clip = 0.0f; ///< elementwise; 0 = off
    float drift_limit = 0.0f;   ///< Euclidean norm; 0 = off
    bool box = true;
    float box_low = -1.0f, box_high = 1.0f;
    float jump_share = 0.0f; ///< 0 … 1; needs the box
    /// T, positive. Of langevin and published it is read by jumps alone: their moves have T = s² / (2a).
    float temperature = 1.0f;
};

/// Sums over the chains and steps of one call; the caller divides.
struct StepReport {
    std::int64_t chain_steps = 0;             ///< chains × steps
    std::int64_t elements = 0;                ///< chain_steps × elements of a sample
    double gradient_norm = 0;                 ///< Σ |∇E| before clipping
    double gradient_norm_max = 0;             ///< maximum of |∇E| before clipping
    double distance = 0;                      ///< Σ |x_after − x_before|
    std::int64_t clipped = 0;                 ///< gradient elements changed by gradient_clip
    std::int64_t clamped = 0;                 ///< elements that sit on the box after a step
    std::int64_t proposals = 0, accepted = 0; ///< of mala moves
    std::int64_t jumps = 0, jumps_accepted = 0;
    std::int64_t non_finite_step = -1; ///< first step (0-based) at which a state or energy was not finite
};

/// What chains leave behind besides their states; each pointer may be null. See GraphKernel::run.
struct ChainOutputs {
    float* energies = nullptr;
    float* gradient_norms = nullptr;
    std::uint8_t* accepted = nullptr;
};

} // namespace ebm::kernels
