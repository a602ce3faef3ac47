#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/kernels/adam.h"
#include "core/sample/rows.h"
#include "core/sample/sampler.h"
#include "core/train/batch.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

struct Moments {
    float mean = 0, sd = 0;
};
/// sd with n − 1; 0 for a single value.
Moments moments_of(const Tensor& x) {
    const std::vector<double> values = numbers_of(x);
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return {static_cast<float>(mean),
            count > 1 ? static_cast<float>(std::sqrt(squares / (count - 1))) : 0.0f};
}
float share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<float>(static_cast<double>(part) / static_cast<double>(whole))
                     : std::nanf("");
}

[[noreturn]] void not_finite(std::string_view what, std::int64_t iteration) {
    throw Error(fmt::format("The {} stopped being finite", what),
                fmt::format("training iteration {}", iteration),
                "The energy grew faster than the chains could follow: lower train.learning_rate, raise "
                "sampler.steps or "
                "train.energy_l2, and go on from the last checkpoint.");
}

} // namespace

double learning_rate(const Settings& settings, std::int64_t iteration) {
    const auto& train = settings.train;
    const double length = train.iterations, start = train.decay_start * length;
    const double at = static_cast<double>(iteration);
    if (at <= start) return train.learning_rate;
    const double progress = std::min(1.0, (at - start) / std::max(length - start, 1e-9));
    return train.learning_rate * (1.0 + progress * (train.decay_to - 1.0));
}

double average_decay(double decay, std::int64_t iteration) {
    const double t = static_cast<double>(iteration);
    return std::min(decay, (1.0 + t) / (10.0 + t));
}

Trainer::Trainer(const Settings& settings, std::shared_ptr<Energy> energy, Tensor data)
    : energy_(std::move(energy)), data_(std::move(data)) {
    if (energy_->parameters().empty())
        throw Error("An analytic energy has no weights to train", "setting model.energy",
                    "Choose mlp or conv to train, or run chains only.");
    if (data_.defined() &&
        (data_.dim() == 0 || data_.size(0) == 0 || data_.sizes().slice(1).vec() != energy_->sample_shape()))
        throw Error("The data do not have the shape that the energy takes", "training data",
                    "Choose an energy for this kind of data.");
    average_ = energy_->clone();
    for (const auto& [name, weight] : energy_->parameters()) {
        first_moment_.push_back(torch::zeros_like(weight, torch::requires_grad(false)));
        second_moment_.push_back(torch::zeros_like(weight, torch::requires_grad(false)));
    }
    reset_buffer(settings);
}

void Trainer::reset_buffer(const Settings& settings) {
    under_way_.reset();
    // The iterations draw their fresh chains at steps below 2^32 − 1, see training_place.
    const random::Place place{static_cast<std::uint64_t>(settings.train.seed), random::Stream::start,
                              static_cast<std::uint32_t>(RandomGroup::training), 0, 0xFFFFFFFFu};
    buffer_ = ReplayBuffer(uniform_samples(settings.buffer.size, energy_->sample_shape(),
                                           static_cast<float>(settings.sampler.box_low),
                                           static_cast<float>(settings.sampler.box_high), place));
}

TrainingRecord Trainer::step(const Settings& settings) {
    while (true)
        if (const auto record = work(settings, std::numeric_limits<double>::infinity())) return *record;
}

std::optional<TrainingRecord> Trainer::work(const Settings& settings, double seconds) {
    const auto started = std::chrono::steady_clock::now();
    const auto elapsed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    };
    const torch::NoGradGuard no_graph;
    if (!data_.defined())
        throw Error("There are no data to learn from", "training data", "Open the model with its data.");
    const std::int64_t iteration = iteration_ + 1;
    // Taken out, so that an iteration that fails is not gone on with.
    std::optional<Iteration> part = std::exchange(under_way_, std::nullopt);
    if (!part) {
        const std::int64_t batch = std::min<std::int64_t>(settings.train.batch, buffer_.size());
        part = Iteration{draw_positives(settings, data_, batch, iteration),
                         draw_negatives(settings, buffer_, batch, iteration),
                         0,
                         {}};
    }
    const int left = std::max(0, settings.sampler.steps - part->steps);
    const double fit = seconds / seconds_per_step_;
    const int steps = fit < left ? std::max(1, static_cast<int>(fit)) : left;
    random::Place place = training_place(settings, random::Stream::noise, iteration);
    place.step += static_cast<std::uint32_t>(part->steps);
    const double before = elapsed();
    part->negatives.x =
        advance(*energy_, part->negatives.x, step_settings(settings), place, steps, part->report).x;
    if (steps > 0) seconds_per_step_ = std::max(1e-9, (elapsed() - before) / steps);
    part->steps += steps;
    std::optional<TrainingRecord> record;
    if (steps == left)
        record = finish(settings, *part);
    else
        under_way_ = std::move(part);
    seconds_ += elapsed();
    if (record) record->seconds = seconds_;
    return record;
}

TrainingRecord Trainer::finish(const Settings& settings, Iteration& done) {
    const std::int64_t iteration = iteration_ + 1;
    const Negatives& negatives = done.negatives;
    const kernels::StepReport& report = done.report;
    const LossGradient loss = loss_gradient(*energy_, done.positives, negatives.x, settings.train.energy_l2);
    double squared = 0;
    for (const Tensor& gradient : loss.gradient)
        squared += kernels::squared_norm(gradient.data_ptr<float>(), gradient.numel());
    const double norm = std::sqrt(squared);
    if (!std::isfinite(loss.loss)) not_finite("loss", iteration);
    if (!std::isfinite(norm)) not_finite("gradient of the weights", iteration);

    // Nothing below can fail: weights, moments and buffer change together or not at all.
    const double limit = settings.train.gradient_norm;
    update_weights(settings, loss.gradient, limit > 0 && norm > limit ? limit / norm : 1.0, iteration);
    buffer_.put(negatives.slots, negatives.x, loss.negative_energy, negatives.fresh, done.steps, iteration);
    iteration_ = iteration;

    TrainingRecord record;
    record.iteration = iteration;
    const Moments positive = moments_of(loss.positive_energy), negative = moments_of(loss.negative_energy);
    record.positive_energy = positive.mean;
    record.positive_energy_sd = positive.sd;
    record.negative_energy = negative.mean;
    record.negative_energy_sd = negative.sd;
    record.loss = static_cast<float>(loss.loss);
    record.regulariser = static_cast<float>(loss.regulariser);
    record.learning_rate = static_cast<float>(learning_rate(settings, iteration));
    record.parameter_gradient_norm = static_cast<float>(norm);
    record.gradient_norm = static_cast<float>(report.gradient_norm / static_cast<double>(report.chain_steps));
    record.gradient_norm_max = static_cast<float>(report.gradient_norm_max);
    record.clipped_share = share(report.clipped, report.elements);
    record.clamped_share = share(report.clamped, report.elements);
    record.acceptance = share(report.accepted, report.proposals);
    record.jump_acceptance = share(report.jumps_accepted, report.jumps);
    record.distance = static_cast<float>(report.distance / static_cast<double>(report.chain_steps));
    const std::int64_t count = negatives.fresh.numel();
    const bool* fresh = negatives.fresh.data_ptr<bool>();
    record.fresh_share = share(std::count(fresh, fresh + count, true), count);
    return record;
}

void Trainer::update_weights(const Settings& settings, const std::vector<Tensor>& gradient,
                             double gradient_scale, std::int64_t iteration) {
    kernels::AdamStep adam = kernels::adam_step(static_cast<float>(learning_rate(settings, iteration)),
                                                static_cast<float>(settings.train.beta1),
                                                static_cast<float>(settings.train.beta2), iteration);
    adam.gradient_scale = static_cast<float>(gradient_scale);
    adam.average_decay = static_cast<float>(average_decay(settings.train.average, iteration));
    const auto weights = energy_->parameters();
    const auto averages = average_->parameters();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Tensor &weight = weights[i].second, &average = averages[i].second;
        const bool averaging = settings.train.average > 0;
        kernels::adam_ema(weight.data_ptr<float>(), first_moment_[i].data_ptr<float>(),
                          second_moment_[i].data_ptr<float>(),
                          averaging ? average.data_ptr<float>() : nullptr, gradient[i].data_ptr<float>(),
                          weight.numel(), adam, at::get_num_threads());
        if (!averaging) average.copy_(weight);
    }
    energy_->weights_changed();
    average_->weights_changed();
}

std::vector<std::pair<std::string, Tensor>> Trainer::state() const {
    std::vector<std::pair<std::string, Tensor>> tensors;
    const auto weights = energy_->parameters();
    const auto averages = average_->parameters();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::string& name = weights[i].first;
        tensors.emplace_back("weights." + name, weights[i].second.detach());
        tensors.emplace_back("average." + name, averages[i].second.detach());
        tensors.emplace_back("adam.m." + name, first_moment_[i]);
        tensors.emplace_back("adam.v." + name, second_moment_[i]);
    }
    tensors.emplace_back("buffer.samples", buffer_.samples_);
    tensors.emplace_back("buffer.energy", buffer_.energy_);
    tensors.emplace_back("buffer.age", buffer_.age_);
    tensors.emplace_back("buffer.reused", buffer_.reused_);
    tensors.emplace_back("buffer.birth", buffer_.birth_);
    return tensors;
}

void Trainer::restore(const std::vector<std::pair<std::string, Tensor>>& state, std::int64_t iteration,
                      double seconds) {
    const torch::NoGradGuard no_graph;
    std::vector<std::pair<Tensor, Tensor>> copies;
    for (const auto& [name, target] : this->state()) {
        const auto source =
            std::find_if(state.begin(), state.end(), [&](const auto& e) { return e.first == name; });
        if (source == state.end())
            throw Error(fmt::format("The training state has no tensor '{}'", name), "checkpoint",
                        "Open a checkpoint that was written while training with this model.");
        if (source->second.sizes() != target.sizes() || source->second.scalar_type() != target.scalar_type())
            throw Error(fmt::format("The tensor '{}' of the training state has another shape or type", name),
                        "checkpoint", "Use the scene that the checkpoint was written with.");
        copies.emplace_back(target, source->second);
    }
    for (auto& [target, source] : copies)
        target.copy_(source);
    under_way_.reset();
    iteration_ = iteration;
    seconds_ = seconds;
    energy_->weights_changed();
    average_->weights_changed();
}

} // namespace ebm
