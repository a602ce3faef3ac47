#pragma once

#include "core/learn/data_learner.h"

namespace ebm {

/// Denoising score matching [Vincent 2011]: x̃ = x + σz, and the energy learns to point back. The loss is the
/// mean, over batch and elements, of (z − (σ₀²/σ) ∂E(x̃)/∂x̃)²: 1 for an energy that is flat, and what of the
/// noise is not told from the sample. With σ = σ₀ its minimum is E = −log of the data's density blurred by
/// σ₀, up to a constant. With σ spread from σ₀ to a larger one it is the loss of Li, Chen & Sommer (2019),
/// "Learning energy-based models in high-dimensional spaces with multi-scale denoising score matching",
/// equation 9, whose weight σ⁻² is that of the code; the energy then is only roughly a −log density.
/// LibTorch differentiates twice, so power iteration, data noise and chains take no part.
class ScoreMatching final : public DataLearner {
public:
    /// As of DataLearner. An energy without labels is needed: throws Error for a conditional one.
    ScoreMatching(const Settings& settings, std::shared_ptr<Energy> energy, Batch data);

    /// The loss on a batch with the noise of an iteration, differentiable in the weights.
    static torch::Tensor loss_of(const Energy& energy, const Settings& settings, const Batch& batch,
                                 std::int64_t iteration);

private:
    Settings for_data(const Settings& settings) const override;
    torch::Tensor loss(const Settings& settings, const Batch& batch, std::int64_t iteration) override;
    void fill(Record& record, const Batch& batch) const override;
    const char* remedy() const override;
};

} // namespace ebm
