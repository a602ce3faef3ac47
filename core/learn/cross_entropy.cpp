#include "core/learn/cross_entropy.h"

#include <utility>

namespace ebm {

using torch::Tensor;

CrossEntropy::CrossEntropy(const Settings&, std::shared_ptr<Classifier> classifier, Batch data)
    : DataLearner(classifier, std::move(data)), classifier_(std::move(classifier)) {}

Tensor CrossEntropy::loss(const Settings&, const Batch& batch, std::int64_t) {
    const Tensor logits = classifier_->logits(batch.x);
    energies_ = -logits.detach().gather(1, batch.labels.unsqueeze(1)).squeeze(1);
    return torch::nll_loss(torch::log_softmax(logits, 1), batch.labels);
}

void CrossEntropy::fill(Record& record, const Batch&) const {
    record.positive_energy = energies_.mean().item<float>();
    record.positive_energy_sd =
        energies_.size(0) > 1 ? energies_.to(torch::kDouble).std().item<float>() : 0.0f;
    record.class_loss = record.loss;
}

const char* CrossEntropy::remedy() const {
    return "Lower train.learning_rate, and go on from the last checkpoint.";
}

} // namespace ebm
