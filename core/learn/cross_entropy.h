#pragma once

#include "core/energy/classifier.h"
#include "core/learn/data_learner.h"

namespace ebm {

/// Fits p(y|x) of a classifier by cross entropy. It is maximum likelihood of an energy without chains: ∂/∂θ
/// −log p(y|x) = ∂E(x, y)/∂θ − Σ_y' p(y'|x) ∂E(x, y')/∂θ, whose second part needs no sampler. In its records
/// E⁺ is the energy of the data under their classes, and loss and class loss are the cross entropy in nats.
class CrossEntropy final : public DataLearner {
public:
    /// As of DataLearner; throws Error if the data have no labels too.
    CrossEntropy(const Settings& settings, std::shared_ptr<Classifier> classifier, Batch data);

private:
    Settings for_data(const Settings& settings) const override { return settings; }
    torch::Tensor loss(const Settings& settings, const Batch& batch, std::int64_t iteration) override;
    void fill(Record& record, const Batch& batch) const override;
    const char* remedy() const override;

    std::shared_ptr<Classifier> classifier_;
    torch::Tensor energies_; ///< of the newest batch under its classes
};

} // namespace ebm
