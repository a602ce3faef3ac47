#pragma once

#include "core/learn/learner.h"
#include "core/settings/settings.h"

namespace ebm {

/// Fits an energy by descending a loss of data batches alone: no negatives, no chains, no buffer. LibTorch
/// differentiates; optimizer, clipping by norm and averaged weights are those of Algorithm 1.
class DataLearner : public Learner {
public:
    std::optional<Record> work(const Settings& settings, double seconds) override;
    Progress progress() const override { return {}; }

    std::int64_t iteration() const override { return iteration_; }
    double seconds() const override { return seconds_; }
    const std::shared_ptr<Energy>& energy() const override { return energy_; }
    const std::shared_ptr<Energy>& average() const override { return average_; }

    /// "weights.*", "average.*" (parameters and buffers of the energies) and those of Optimizer::state.
    NamedTensors state() const override;
    void restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                 const std::string& origin) override;

protected:
    /// data: [n, sample_shape…], fp32 or bytes of pictures, shared; with labels if the energy is conditional.
    /// The energy's weights are trained in place. Throws Error if it has no weights or the data have another
    /// shape.
    DataLearner(std::shared_ptr<Energy> energy, Batch data);

    /// The settings that the batch is drawn with.
    virtual Settings for_data(const Settings& settings) const = 0;
    /// Before the first iteration, with its batch; whether weights changed.
    virtual bool begin(const Batch&) { return false; }
    /// One number, differentiable in the weights.
    virtual torch::Tensor loss(const Settings& settings, const Batch& batch, std::int64_t iteration) = 0;
    /// What only this learner knows of the iteration, into its record, whose loss is filled in.
    virtual void fill(Record& record, const Batch& batch) const = 0;
    /// What to do if a number is no longer finite.
    virtual const char* remedy() const = 0;

private:
    Record update(const Settings& settings, const Batch& batch);

    std::shared_ptr<Energy> energy_, average_;
    Batch data_;
    Optimizer optimizer_;
    std::int64_t iteration_ = 0;
    double seconds_ = 0;
};

} // namespace ebm
