#include "core/learn/score_matching.h"

#include "core/base/error.h"
#include "core/energy/differentiate.h"
#include "core/learn/draws.h"
#include "core/sample/sampler.h"

#include <cmath>
#include <utility>

namespace ebm {
namespace {

using torch::Tensor;

/// σ of each sample, [count, 1, …]: as many dimensions as x has.
Tensor noise_sizes(const Settings& settings, const Tensor& x, std::int64_t iteration) {
    const auto low = static_cast<float>(settings.train.score_noise);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[0] = x.size(0);
    if (settings.train.score_noise_high <= settings.train.score_noise) return torch::full(shape, low);
    // No chains start here, so their stream is free.
    const Tensor u =
        uniform_samples(x.size(0), {1}, 0, 1, training_place(settings, random::Stream::start, iteration));
    const double ratio = settings.train.score_noise_high / settings.train.score_noise;
    return (low * (u * std::log(ratio)).exp()).view(shape);
}

} // namespace

ScoreMatching::ScoreMatching(const Settings&, std::shared_ptr<Energy> energy, Batch data)
    : DataLearner(std::move(energy), std::move(data)) {
    if (this->energy()->classes() > 0)
        throw Error("Score matching does not learn how the energies of classes compare", "train.method",
                    "Turn “By class” off, or let the model learn by Algorithm 1.");
}

/// The noise of the loss takes the place of the data's.
Settings ScoreMatching::for_data(const Settings& settings) const {
    Settings own = settings;
    own.data.noise = 0;
    return own;
}

Tensor ScoreMatching::loss_of(const Energy& energy, const Settings& settings, const Batch& batch,
                              std::int64_t iteration) {
    Tensor sizes, z, noisy;
    {
        const torch::NoGradGuard no_graph;
        sizes = noise_sizes(settings, batch.x, iteration);
        z = normal_samples(batch.size(), batch.x.sizes().slice(1).vec(),
                           training_place(settings, random::Stream::data, iteration));
        noisy = batch.x + sizes * z;
    }
    noisy.requires_grad_(true);
    const Tensor gradient = differentiate({energy.value({noisy}).sum()}, {noisy}, {}, {.again = true})[0];
    const double variance = settings.train.score_noise * settings.train.score_noise;
    return (z - variance / sizes * gradient).square().mean();
}

Tensor ScoreMatching::loss(const Settings& settings, const Batch& batch, std::int64_t iteration) {
    return loss_of(*energy(), settings, batch, iteration);
}

void ScoreMatching::fill(Record& record, const Batch& batch) const {
    const Tensor energies = energy()->value({batch.x}).to(torch::kDouble);
    record.positive_energy = energies.mean().item<float>();
    record.positive_energy_sd = energies.size(0) > 1 ? energies.std().item<float>() : 0.0f;
}

const char* ScoreMatching::remedy() const {
    return "Lower train.learning_rate or train.gradient_norm, and go on from the last checkpoint.";
}

} // namespace ebm
