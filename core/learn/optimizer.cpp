#include "core/learn/optimizer.h"

#include "core/kernels/adam.h"
#include "core/settings/settings.h"

#include <algorithm>

namespace ebm {

double learning_rate(const Settings& settings, std::int64_t iteration, std::int64_t step) {
    const auto& train = settings.train;
    const double length = train.iterations, start = train.decay_start * length;
    const double at = static_cast<double>(iteration);
    const double rate =
        train.learning_rate * (step < train.warm_up ? static_cast<double>(step) / train.warm_up : 1.0);
    if (at <= start) return rate;
    const double progress = std::min(1.0, (at - start) / std::max(length - start, 1e-9));
    return rate * (1.0 + progress * (train.decay_to - 1.0));
}

double average_decay(double decay, std::int64_t iteration) {
    const double t = static_cast<double>(iteration);
    return std::min(decay, (1.0 + t) / (10.0 + t));
}

Optimizer::Optimizer(const Energy& energy) : steps_(torch::zeros({1}, torch::kLong)) {
    for (const auto& [name, weight] : energy.parameters()) {
        first_moment_.push_back(torch::zeros_like(weight));
        second_moment_.push_back(torch::zeros_like(weight));
    }
}

namespace {

/// One step of AdaMax, algorithm 2 of Kingma & Ba (2015): u ← max(β₂u, |g|), weights ← weights − η · (m / (1
/// − β₁^t)) / (u + ε).
void adamax(const torch::Tensor& weight, const torch::Tensor& first, const torch::Tensor& largest,
            const torch::Tensor& gradient, const kernels::AdamStep& step) {
    const torch::Tensor g = gradient * static_cast<double>(step.gradient_scale);
    first.lerp_(g, 1.0 - static_cast<double>(step.beta1));
    largest.copy_(torch::maximum(largest * static_cast<double>(step.beta2), g.abs()));
    weight.addcdiv_(first, largest + static_cast<double>(step.epsilon),
                    -static_cast<double>(step.learning_rate) / step.correction1);
}

} // namespace

/// element_clip: custom_adam.py of the released code of Du & Mordatch (2019) takes the mean square before
/// this step, divided by the correction of this step.
void Optimizer::step(const Settings& settings, Energy& energy, Energy& average,
                     const std::vector<torch::Tensor>& gradient, double gradient_scale,
                     std::int64_t iteration) {
    const torch::NoGradGuard no_graph;
    const std::int64_t t = ++*steps_.data_ptr<std::int64_t>();
    kernels::AdamStep adam = kernels::adam_step(static_cast<float>(learning_rate(settings, iteration, t)),
                                                static_cast<float>(settings.train.beta1),
                                                static_cast<float>(settings.train.beta2), t);
    adam.gradient_scale = static_cast<float>(gradient_scale);
    adam.average_decay = static_cast<float>(average_decay(settings.train.average, iteration));
    const auto weights = energy.parameters(), averages = average.parameters();
    const bool averaging = settings.train.average > 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const torch::Tensor &weight = weights[i].second, &mean = averages[i].second;
        torch::Tensor g = gradient[i];
        if (settings.train.optimizer == OptimizerKind::adamax) {
            adamax(weight, first_moment_[i], second_moment_[i], g, adam);
            if (averaging) mean.lerp_(weight, 1.0 - static_cast<double>(adam.average_decay));
            if (!averaging) mean.copy_(weight);
            continue;
        }
        if (settings.train.element_clip) {
            const torch::Tensor bound =
                (second_moment_[i] / adam.correction2).sqrt_().mul_(3).add_(0.1).div_(gradient_scale);
            g = torch::minimum(torch::maximum(g, -bound), bound);
        }
        kernels::adam_ema(weight.data_ptr<float>(), first_moment_[i].data_ptr<float>(),
                          second_moment_[i].data_ptr<float>(), averaging ? mean.data_ptr<float>() : nullptr,
                          g.data_ptr<float>(), weight.numel(), adam, at::get_num_threads());
        if (!averaging) mean.copy_(weight);
    }
    energy.weights_changed();
    average.weights_changed();
}

NamedTensors Optimizer::state(const Energy& energy) const {
    NamedTensors tensors;
    const auto weights = energy.parameters();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        tensors.emplace_back("adam.m." + weights[i].first, first_moment_[i]);
        tensors.emplace_back("adam.v." + weights[i].first, second_moment_[i]);
    }
    tensors.emplace_back("adam.steps", steps_);
    return tensors;
}

} // namespace ebm
