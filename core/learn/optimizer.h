#pragma once

#include "core/energy/energy.h"

namespace ebm {

struct Settings;

/// Adam or AdaMax (Kingma & Ba 2015) for the weights of an energy, and their exponential moving average. It
/// owns its moments and the number of steps that made them: the bias corrections 1 − β^t belong to the
/// moments, not to the iteration of a run, which may go on with an optimizer that starts anew.
class Optimizer {
public:
    Optimizer() = default;
    /// Moments of 0 for the weights of `energy`.
    explicit Optimizer(const Energy& energy);

    /// One step of `energy`'s weights along `gradient` (contiguous, like Energy::parameters()) times
    /// `gradient_scale`, and of `average`, which takes the weights themselves while settings.train.average is
    /// 0. `iteration` ≥ 1 of the run sets learning rate and decay of the average.
    void step(const Settings& settings, Energy& energy, Energy& average,
              const std::vector<torch::Tensor>& gradient, double gradient_scale, std::int64_t iteration);

    std::int64_t steps() const { return steps_.item<std::int64_t>(); }
    /// "adam.m.NAME", "adam.v.NAME" (AdaMax: the largest gradient) for each weight and "adam.steps", int64
    /// [1].
    NamedTensors state(const Energy& energy) const;

private:
    std::vector<torch::Tensor> first_moment_, second_moment_;
    torch::Tensor steps_; ///< int64 [1]
};

/// η at `iteration` (1-based) with an optimizer that takes its step `step` (1-based): linear from 0 over the
/// warm-up, constant, then linear to decay_to · η. The warm-up is for moments that are still poor, so it
/// counts the optimizer's steps, which begin anew with an exported model.
double learning_rate(const Settings& settings, std::int64_t iteration, std::int64_t step);

/// Decay of the weight average at `iteration` (1-based): min(decay, (1 + t) / (10 + t)), so that the average
/// forgets the initial weights quickly.
double average_decay(double decay, std::int64_t iteration);

} // namespace ebm
