#pragma once

#include "core/kernels/step.h"
#include "core/learn/draws.h"
#include "core/learn/learner.h"
#include "core/sample/sampler.h"
#include "core/settings/settings.h"

#include <functional>

namespace ebm {

/// Algorithm 1 of Du & Mordatch (2019) with a choice of samplers: negatives from the replay buffer,
/// contrastive divergence with energy L2, for conditional energies with the cross entropy of their own p(y|x)
/// if settings.train.class_weight asks for it, Adam, averaged weights.
class ContrastiveDivergence final : public Learner {
public:
    /// data: [n, sample_shape…], fp32 or bytes of pictures, shared; with labels if the energy is conditional.
    /// The energy's weights are trained in place. Throws Error if the energy has no weights or the data have
    /// another shape.
    ContrastiveDivergence(const Settings& settings, std::shared_ptr<Energy> energy, Batch data);

    std::optional<Record> work(const Settings& settings, double seconds) override;
    Progress progress() const override;
    std::optional<Record> walk(const Settings& settings, Stride stride) override;
    void keep_account(bool kept) override;
    const Account* account() const override { return account_ ? &*account_ : nullptr; }

    std::int64_t iteration() const override { return iteration_; }
    double seconds() const override { return seconds_; }
    const std::shared_ptr<Energy>& energy() const override { return energy_; }
    const std::shared_ptr<Energy>& average() const override { return average_; }
    const ReplayBuffer* buffer() const override { return &buffer_; }
    void resize_buffer(std::int64_t size) override { buffer_.resize(size); }
    const Optimizer& optimizer() const { return optimizer_; }

    /// "weights.*", "average.*" (parameters and buffers of the energies), those of Optimizer::state and
    /// "buffer.*". The buffer takes the size of that restored.
    NamedTensors state() const override;
    void restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                 const std::string& origin) override;

private:
    /// An iteration that is not whole yet.
    struct Iteration {
        Iteration() {} // Clang does not see the members' initial values before the class around is whole

        Phase phase = Phase::data;
        Batch positives;
        Negatives negatives;
        bool data_only = false; ///< no negatives: see settings.train.data_only
        int steps = 0;          ///< done
        kernels::StepReport report;
        LossGradient loss;
        double gradient_norm = 0; ///< of the weights, before clipping
    };

    /// Goes on until `enough` says so, which is asked after each part.
    std::optional<Record> go_on(const Settings& settings, const std::function<double()>& seconds_left,
                                const std::function<bool(const Iteration&)>& enough);
    void advance_phase(const Settings& settings, Iteration& part, double seconds);
    void sample(const Settings& settings, Iteration& part, double seconds);
    Record finish(const Settings& settings, const Iteration& done);

    // What each line did (contrastive_account.cpp). Called after it if an account is kept, which begins with
    // a whole iteration.
    void note_data(const Settings& settings, const Iteration& part);
    void note_start(const Iteration& part);
    void note_steps(const Iteration& part, const ChainState& state, const kernels::StepReport& before);
    /// `x`: where the negatives were before their last step, made with the random numbers of `place`.
    void note_last_step(const Settings& settings, const Iteration& part, const torch::Tensor& x,
                        const random::Place& place);
    void note_energies(const Settings& settings, const Iteration& part);
    void note_update(const Settings& settings, const Iteration& done, double scale,
                     const std::vector<torch::Tensor>& weights_before);

    std::shared_ptr<Energy> energy_, average_;
    Batch data_;
    Optimizer optimizer_;
    ReplayBuffer buffer_;
    std::optional<Iteration> under_way_;
    std::optional<Account> account_; ///< while it is kept
    int planned_steps_ = 0;          ///< of the iteration under way
    std::int64_t iteration_ = 0;
    double seconds_ = 0, seconds_per_step_ = 1; ///< the latter of the latest part, at first a guess
};

} // namespace ebm
