#pragma once

#include "core/energy/energy.h"
#include "core/kernels/step.h"
#include "core/sample/replay_buffer.h"
#include "core/settings/settings.h"
#include "core/train/batch.h"
#include "core/train/record.h"

#include <optional>

namespace ebm {

/// Algorithm 1 of Du & Mordatch (2019) with a choice of samplers: negatives from the replay buffer,
/// contrastive divergence with energy L2, Adam, averaged weights. Everything random is drawn from (seed,
/// iteration), so a resumed run equals a never-stopped one bit for bit.
class Trainer {
public:
    /// data: [n, sample_shape…] fp32, shared. The energy's weights are trained in place.
    Trainer(const Settings& settings, std::shared_ptr<Energy> energy, torch::Tensor data);

    /// One iteration. Reads the settings as they are now. Throws Error (naming tensor, iteration, likely
    /// cause) if anything is not finite; weights, optimizer and buffer are then those before the iteration.
    TrainingRecord step(const Settings& settings);

    /// The same in parts of about `seconds`, so that somebody waits no longer than that: goes on with the
    /// iteration and returns its record once it is whole. Settings that change between the parts act from
    /// then on; if none does, the result is that of step() to the bit.
    std::optional<TrainingRecord> work(const Settings& settings, double seconds);

    std::int64_t iteration() const { return iteration_; }
    /// Training time so far, pauses excluded.
    double seconds() const { return seconds_; }
    const std::shared_ptr<Energy>& energy() const { return energy_; }
    /// With the averaged weights; equal to energy() while averaging is off.
    const std::shared_ptr<Energy>& average() const { return average_; }
    const ReplayBuffer& buffer() const { return buffer_; }
    ReplayBuffer& buffer() { return buffer_; }
    /// New size, new start (effect `restart`).
    void reset_buffer(const Settings& settings);

    /// Everything a checkpoint needs, by name: "weights.*", "average.*", "adam.m.*", "adam.v.*", "buffer.*",
    /// and back. `restore` throws Error if names or shapes differ and then changes nothing.
    std::vector<std::pair<std::string, torch::Tensor>> state() const;
    void restore(const std::vector<std::pair<std::string, torch::Tensor>>& state, std::int64_t iteration,
                 double seconds);

private:
    /// An iteration whose chains are not at their ends yet.
    struct Iteration {
        torch::Tensor positives;
        Negatives negatives;
        int steps = 0; ///< done
        kernels::StepReport report;
    };

    TrainingRecord finish(const Settings& settings, Iteration& done);
    void update_weights(const Settings& settings, const std::vector<torch::Tensor>& gradient,
                        double gradient_scale, std::int64_t iteration);

    std::shared_ptr<Energy> energy_, average_;
    torch::Tensor data_;
    ReplayBuffer buffer_;
    std::optional<Iteration> under_way_;
    std::int64_t iteration_ = 0;
    double seconds_ = 0, seconds_per_step_ = 1; ///< the latter of the latest part, at first a guess
    std::vector<torch::Tensor> first_moment_, second_moment_;
};

/// η at `iteration` (1-based): constant, then linear to decay_to · η.
double learning_rate(const Settings& settings, std::int64_t iteration);

/// Decay of the weight average at `iteration` (1-based): min(decay, (1 + t) / (10 + t)), so that the average
/// forgets the initial weights quickly.
double average_decay(double decay, std::int64_t iteration);

} // namespace ebm
