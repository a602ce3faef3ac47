#include "core/learn/maximum_likelihood.h"

#include <numbers>
#include <utility>

namespace ebm {

MaximumLikelihood::MaximumLikelihood(const Settings&, std::shared_ptr<Density> density, Batch data)
    : DataLearner(density, std::move(data)), density_(std::move(density)) {}

/// Pictures come as the 8-bit values they are: a density adds the noise that it needs itself.
Settings MaximumLikelihood::for_data(const Settings& settings) const {
    Settings own = settings;
    own.data.dequantise = false;
    if (density_->sample_shape().size() > 1) own.data.noise = 0;
    return own;
}

bool MaximumLikelihood::begin(const Batch& batch) {
    density_->initialise(batch);
    return true;
}

torch::Tensor MaximumLikelihood::loss(const Settings& settings, const Batch& batch, std::int64_t iteration) {
    return density_->training_loss(batch, static_cast<std::uint64_t>(settings.train.seed), iteration);
}

void MaximumLikelihood::fill(Record& record, const Batch&) const {
    record.positive_energy = record.loss;
    const Shape shape = density_->sample_shape();
    if (shape.size() < 2) return;
    double elements = 1;
    for (const std::int64_t size : shape)
        elements *= static_cast<double>(size);
    record.bits_per_dimension = static_cast<float>(record.loss / (elements * std::numbers::ln2));
}

const char* MaximumLikelihood::remedy() const {
    return "Lower train.learning_rate or train.gradient_norm, and go on from the last checkpoint.";
}

} // namespace ebm
