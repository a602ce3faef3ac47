#include "core/learn/maximum_likelihood.h"

#include "core/base/error.h"
#include "core/energy/differentiate.h"
#include "core/kernels/adam.h"
#include "core/learn/checks.h"
#include "core/learn/draws.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

constexpr const char* remedy_of_likelihood =
    "Lower train.learning_rate or train.gradient_norm, and go on from the last checkpoint.";

/// Pictures come as the 8-bit values they are: a density adds the noise that it needs itself.
Settings for_data(const Settings& settings, const Shape& shape) {
    Settings own = settings;
    own.data.dequantise = false;
    if (shape.size() > 1) own.data.noise = 0;
    return own;
}

} // namespace

MaximumLikelihood::MaximumLikelihood(const Settings&, std::shared_ptr<Density> density, Batch data)
    : density_(std::move(density)), energy_(density_), data_(std::move(data)) {
    require_learnable(*energy_, data_);
    average_ = energy_->clone();
    optimizer_ = Optimizer(*energy_);
}

/// A graph cannot be interrupted in its middle, so an iteration is always whole.
std::optional<Record> MaximumLikelihood::work(const Settings& settings, double) {
    const auto started = std::chrono::steady_clock::now();
    const torch::NoGradGuard no_graph;
    if (!data_.x.defined())
        throw Error("There are no data to learn from", "training data", "Open the model with its data.");
    const Batch batch = draw_positives(for_data(settings, density_->sample_shape()), data_,
                                       settings.train.batch, iteration_ + 1);
    if (iteration_ == 0) initialise(batch);
    Record record = update(settings, batch);
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    record.seconds = seconds_;
    return record;
}

void MaximumLikelihood::initialise(const Batch& batch) {
    density_->initialise(batch);
    density_->weights_changed();
    const NamedTensors state = weights_state(*energy_, *average_); // weights and averages in turn
    for (std::size_t i = 0; i + 1 < state.size(); i += 2)
        state[i + 1].second.copy_(state[i].second);
    average_->weights_changed();
}

/// Weights and moments change together or not at all.
Record MaximumLikelihood::update(const Settings& settings, const Batch& batch) {
    const std::int64_t iteration = iteration_ + 1;
    std::vector<Tensor> weights, gradient;
    for (const auto& [name, weight] : energy_->parameters())
        weights.push_back(weight);
    double loss = 0;
    {
        const torch::AutoGradMode with_graph(true);
        const Tensor value =
            density_->training_loss(batch, static_cast<std::uint64_t>(settings.train.seed), iteration);
        loss = value.item<double>();
        if (!std::isfinite(loss)) throw_diverged("loss", iteration, remedy_of_likelihood);
        const auto found = differentiate({value}, weights, {}, {.unused = true});
        for (std::size_t i = 0; i < weights.size(); ++i) // a weight that the loss does not read has none
            gradient.push_back(found[i].defined() ? found[i].contiguous() : torch::zeros_like(weights[i]));
    }
    double squared = 0;
    for (const Tensor& part : gradient)
        squared += kernels::squared_norm(part.data_ptr<float>(), part.numel());
    const double norm = std::sqrt(squared), limit = settings.train.gradient_norm;
    if (!std::isfinite(norm)) throw_diverged("gradient of the weights", iteration, remedy_of_likelihood);
    optimizer_.step(settings, *energy_, *average_, gradient, limit > 0 && norm > limit ? limit / norm : 1.0,
                    iteration);
    energy_->after_update();
    average_->after_update();
    iteration_ = iteration;

    Record record;
    record.iteration = iteration;
    record.positive_energy = record.loss = static_cast<float>(loss);
    record.learning_rate = static_cast<float>(learning_rate(settings, iteration, optimizer_.steps()));
    record.parameter_gradient_norm = static_cast<float>(norm);
    for (float Record::*member :
         {&Record::positive_energy_sd, &Record::negative_energy, &Record::negative_energy_sd,
          &Record::regulariser, &Record::gradient_norm, &Record::gradient_norm_max, &Record::clipped_share,
          &Record::clamped_share, &Record::acceptance, &Record::jump_acceptance, &Record::distance,
          &Record::fresh_share})
        record.*member = unknown;
    const Shape shape = density_->sample_shape();
    if (shape.size() > 1) {
        double elements = 1;
        for (const std::int64_t size : shape)
            elements *= static_cast<double>(size);
        record.bits_per_dimension = static_cast<float>(loss / (elements * std::numbers::ln2));
    }
    return record;
}

NamedTensors MaximumLikelihood::state() const {
    NamedTensors tensors = weights_state(*energy_, *average_);
    for (auto& entry : optimizer_.state(*energy_))
        tensors.push_back(std::move(entry));
    return tensors;
}

void MaximumLikelihood::restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                                const std::string& origin) {
    restore_tensors(this->state(), state, origin);
    iteration_ = iteration;
    seconds_ = seconds;
    energy_->weights_changed();
    average_->weights_changed();
}

} // namespace ebm
