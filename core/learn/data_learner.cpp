#include "core/learn/data_learner.h"

#include "core/base/error.h"
#include "core/energy/differentiate.h"
#include "core/kernels/adam.h"
#include "core/learn/checks.h"
#include "core/learn/draws.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

namespace ebm {

using torch::Tensor;

DataLearner::DataLearner(std::shared_ptr<Energy> energy, Batch data)
    : energy_(std::move(energy)), data_(std::move(data)) {
    require_learnable(*energy_, data_);
    average_ = energy_->clone();
    optimizer_ = Optimizer(*energy_);
}

/// A graph cannot be interrupted in its middle, so an iteration is always whole.
std::optional<Record> DataLearner::work(const Settings& settings, double) {
    const auto started = std::chrono::steady_clock::now();
    const torch::NoGradGuard no_graph;
    if (!data_.x.defined())
        throw Error("There are no data to learn from", "training data", "Open the model with its data.");
    const Batch batch = draw_positives(for_data(settings), data_, settings.train.batch, iteration_ + 1);
    if (iteration_ == 0 && begin(batch)) {
        energy_->weights_changed();
        const NamedTensors state = weights_state(*energy_, *average_); // weights and averages in turn
        for (std::size_t i = 0; i + 1 < state.size(); i += 2)
            state[i + 1].second.copy_(state[i].second);
        average_->weights_changed();
    }
    Record record = update(settings, batch);
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    record.seconds = seconds_;
    return record;
}

/// Weights and moments change together or not at all.
Record DataLearner::update(const Settings& settings, const Batch& batch) {
    const std::int64_t iteration = iteration_ + 1;
    std::vector<Tensor> weights, gradient;
    for (const auto& [name, weight] : energy_->parameters())
        weights.push_back(weight);
    double value = 0;
    {
        const torch::AutoGradMode with_graph(true);
        const Tensor of_batch = loss(settings, batch, iteration);
        value = of_batch.item<double>();
        if (!std::isfinite(value)) throw_diverged("loss", iteration, remedy());
        const auto found = differentiate({of_batch}, weights, {}, {.unused = true});
        for (std::size_t i = 0; i < weights.size(); ++i) // a weight that the loss does not read has none
            gradient.push_back(found[i].defined() ? found[i].contiguous() : torch::zeros_like(weights[i]));
    }
    double squared = 0;
    for (const Tensor& part : gradient)
        squared += kernels::squared_norm(part.data_ptr<float>(), part.numel());
    const double norm = std::sqrt(squared), limit = settings.train.gradient_norm;
    if (!std::isfinite(norm)) throw_diverged("gradient of the weights", iteration, remedy());
    Record record;
    record.iteration = iteration;
    record.loss = static_cast<float>(value);
    record.parameter_gradient_norm = static_cast<float>(norm);
    for (float Record::*member :
         {&Record::positive_energy, &Record::positive_energy_sd, &Record::negative_energy,
          &Record::negative_energy_sd, &Record::regulariser, &Record::gradient_norm,
          &Record::gradient_norm_max, &Record::clipped_share, &Record::clamped_share, &Record::acceptance,
          &Record::jump_acceptance, &Record::distance, &Record::fresh_share})
        record.*member = std::numeric_limits<float>::quiet_NaN();
    fill(record, batch);
    optimizer_.step(settings, *energy_, *average_, gradient, limit > 0 && norm > limit ? limit / norm : 1.0,
                    iteration);
    energy_->after_update();
    average_->after_update();
    iteration_ = iteration;
    record.learning_rate = static_cast<float>(learning_rate(settings, iteration, optimizer_.steps()));
    return record;
}

NamedTensors DataLearner::state() const {
    NamedTensors tensors = weights_state(*energy_, *average_);
    for (auto& entry : optimizer_.state(*energy_))
        tensors.push_back(std::move(entry));
    return tensors;
}

void DataLearner::restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                          const std::string& origin) {
    restore_tensors(this->state(), state, origin);
    iteration_ = iteration;
    seconds_ = seconds;
    energy_->weights_changed();
    average_->weights_changed();
}

} // namespace ebm
