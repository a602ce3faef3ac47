#pragma once

#include "core/density/density.h"
#include "core/learn/learner.h"
#include "core/settings/settings.h"

namespace ebm {

/// Fits a density by minimising Density::training_loss over batches of data: no negatives, no chains.
/// LibTorch differentiates; optimizer, clipping by norm and averaged weights are those of Algorithm 1.
class MaximumLikelihood final : public Learner {
public:
    /// data: [n, sample_shape…], fp32 or bytes of pictures, shared; with labels if the density is
    /// conditional. The density's weights are trained in place. Throws Error if it has no weights or the data
    /// have another shape.
    MaximumLikelihood(const Settings& settings, std::shared_ptr<Density> density, Batch data);

    std::optional<Record> work(const Settings& settings, double seconds) override;
    Progress progress() const override { return {}; }

    std::int64_t iteration() const override { return iteration_; }
    double seconds() const override { return seconds_; }
    const std::shared_ptr<Energy>& energy() const override { return energy_; }
    const std::shared_ptr<Energy>& average() const override { return average_; }

    /// "weights.*", "average.*" (parameters and buffers of the densities) and those of Optimizer::state.
    NamedTensors state() const override;
    void restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                 const std::string& origin) override;

private:
    void initialise(const Batch& batch);
    Record update(const Settings& settings, const Batch& batch);

    std::shared_ptr<Density> density_;
    std::shared_ptr<Energy> energy_, average_; ///< energy_ is density_
    Batch data_;
    Optimizer optimizer_;
    std::int64_t iteration_ = 0;
    double seconds_ = 0;
};

} // namespace ebm
