#pragma once

#include "core/density/density.h"
#include "core/learn/data_learner.h"

namespace ebm {

/// Fits a density by minimising Density::training_loss over batches of data.
class MaximumLikelihood final : public DataLearner {
public:
    /// As of DataLearner.
    MaximumLikelihood(const Settings& settings, std::shared_ptr<Density> density, Batch data);

private:
    Settings for_data(const Settings& settings) const override;
    bool begin(const Batch& batch) override;
    torch::Tensor loss(const Settings& settings, const Batch& batch, std::int64_t iteration) override;
    void fill(Record& record, const Batch& batch) const override;
    const char* remedy() const override;

    std::shared_ptr<Density> density_;
};

} // namespace ebm
