#include "core/learn/cross_entropy.h"

#include "core/base/error.h"
#include "core/energy/differentiate.h"
#include "core/kernels/adam.h"
#include "core/learn/checks.h"
#include "core/learn/draws.h"
#include "core/settings/settings.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

constexpr const char* remedy_of_cross_entropy =
    "Lower train.learning_rate, and go on from the last checkpoint.";

float sd_of(const Tensor& x) {
    return x.size(0) > 1 ? x.to(torch::kDouble).std().item<float>() : 0.0f;
}

} // namespace

CrossEntropy::CrossEntropy(const Settings&, std::shared_ptr<Classifier> classifier, Batch data)
    : classifier_(std::move(classifier)), energy_(classifier_), average_(classifier_->clone()),
      data_(std::move(data)), optimizer_(*classifier_) {
    require_learnable(*energy_, data_);
}

std::optional<Record> CrossEntropy::work(const Settings& settings, double) {
    if (!data_.x.defined())
        throw Error("There are no data to learn from", "training data", "Open the model with its data.");
    const auto started = std::chrono::steady_clock::now();
    const std::int64_t iteration = iteration_ + 1;
    const Batch batch = draw_positives(settings, data_,
                                       std::min<std::int64_t>(settings.train.batch, data_.size()), iteration);
    std::vector<Tensor> weights, gradient;
    for (const auto& [name, weight] : classifier_->parameters())
        weights.push_back(weight);
    Tensor logits;
    double loss = 0;
    {
        const torch::AutoGradMode with_graph(true);
        logits = classifier_->logits(batch.x);
        const Tensor mean = torch::nll_loss(torch::log_softmax(logits, 1), batch.labels);
        loss = mean.item<double>();
        for (const Tensor& part : differentiate({mean}, weights))
            gradient.push_back(part.contiguous());
    }
    const torch::NoGradGuard no_graph;
    double squared = 0;
    for (const Tensor& part : gradient)
        squared += kernels::squared_norm(part.data_ptr<float>(), part.numel());
    const double norm = std::sqrt(squared), limit = settings.train.gradient_norm;
    if (!std::isfinite(loss)) throw_diverged("loss", iteration, remedy_of_cross_entropy);
    if (!std::isfinite(norm)) throw_diverged("gradient of the weights", iteration, remedy_of_cross_entropy);
    optimizer_.step(settings, *energy_, *average_, gradient, limit > 0 && norm > limit ? limit / norm : 1.0,
                    iteration);
    iteration_ = iteration;

    logits = logits.detach();
    const Tensor own = -logits.gather(1, batch.labels.unsqueeze(1)).squeeze(1);
    const Tensor expected = -(torch::softmax(logits, 1) * logits).sum(1);
    Record record;
    record.iteration = iteration;
    record.positive_energy = own.mean().item<float>();
    record.positive_energy_sd = sd_of(own);
    record.negative_energy = expected.mean().item<float>();
    record.negative_energy_sd = sd_of(expected);
    record.loss = static_cast<float>(loss);
    record.regulariser = (own.square().mean() + expected.square().mean()).item<float>();
    record.learning_rate = static_cast<float>(learning_rate(settings, iteration, optimizer_.steps()));
    record.parameter_gradient_norm = static_cast<float>(norm);
    record.acceptance = record.jump_acceptance = std::nanf("");
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
    seconds_ += taken.count();
    record.seconds = seconds_;
    return record;
}

NamedTensors CrossEntropy::state() const {
    NamedTensors tensors = weights_state(*energy_, *average_);
    for (auto& entry : optimizer_.state(*energy_))
        tensors.push_back(std::move(entry));
    return tensors;
}

void CrossEntropy::restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                           const std::string& origin) {
    restore_tensors(this->state(), state, origin);
    iteration_ = iteration;
    seconds_ = seconds;
    energy_->weights_changed();
    average_->weights_changed();
}

} // namespace ebm
