#pragma once

#include "core/energy/classifier.h"
#include "core/learn/learner.h"

namespace ebm {

/// Fits p(y|x) of a classifier by cross entropy, with Adam and averaged weights. It is maximum likelihood of
/// an energy without chains: ∂/∂θ −log p(y|x) = ∂E(x, y)/∂θ − Σ_y' p(y'|x) ∂E(x, y')/∂θ, whose second part
/// needs no sampler. In its records E⁺ is the energy of the data under their classes, E⁻ the mean over the
/// classes that the model expects, Σ_y' p(y'|x) E(x, y'), and the loss the cross entropy in nats; what tells
/// of chains is 0, or NaN for shares.
class CrossEntropy final : public Learner {
public:
    /// data: [n, sample_shape…], fp32 or bytes of pictures, shared, with labels; undefined if the learner
    /// only holds a model. The weights are trained in place. Throws Error if the data have no labels or
    /// another shape.
    CrossEntropy(const Settings& settings, std::shared_ptr<Classifier> classifier, Batch data);

    /// A whole iteration: it takes less time than the window waits.
    std::optional<Record> work(const Settings& settings, double seconds) override;
    Progress progress() const override { return {}; }

    std::int64_t iteration() const override { return iteration_; }
    double seconds() const override { return seconds_; }
    const std::shared_ptr<Energy>& energy() const override { return energy_; }
    const std::shared_ptr<Energy>& average() const override { return average_; }

    /// "weights.*", "average.*" and those of Optimizer::state.
    NamedTensors state() const override;
    void restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                 const std::string& origin) override;

private:
    std::shared_ptr<Classifier> classifier_;
    std::shared_ptr<Energy> energy_, average_; ///< energy_ is classifier_
    Batch data_;
    Optimizer optimizer_;
    std::int64_t iteration_ = 0;
    double seconds_ = 0;
};

} // namespace ebm
