#pragma once

#include "core/energy/energy.h"

namespace ebm {

/// Samples of a model that draws them part by part. Holds what it needs of the model: this may change or go.
class Drawing {
public:
    virtual ~Drawing() = default;
    /// Draws up to `parts` parts more, such as pixels of each picture; false if none is left then.
    virtual bool advance(int parts) = 0;
    /// What is drawn, 0 … 1.
    virtual double done() const = 0;
    /// [count, sample shape…], at the lowest value where nothing is drawn yet. They change with `advance`.
    virtual const torch::Tensor& samples() const = 0;
};

/// A normalised model: its energy is −log p(x) in nats, so log Z = 0. On planes p is a density in the model's
/// coordinates; for pictures it is the probability of the 8-bit picture whose value v is at v / 127.5 − 1,
/// and `value` is differentiable in x as of every energy.
class Density : public Energy {
public:
    /// Whether `value` is −log p; if not it is an upper bound of it, as a variational autoencoder's is.
    virtual bool exact() const { return true; }
    /// How the bound comes about, a clause without a full stop; empty if `value` is exact.
    virtual std::string bound() const { return {}; }

    /// `count` independent samples [count, sample shape…] by the model's own sampler, no chain. Everything
    /// random is drawn from `seed`: sample i is the same whatever `count` is. labels: [count] or undefined.
    virtual torch::Tensor draw(std::int64_t count, std::uint64_t seed,
                               const torch::Tensor& labels = {}) const = 0;

    /// The samples that `draw` returns, to be watched while they come about; null if they come at once.
    virtual std::unique_ptr<Drawing> start_drawing(std::int64_t /*count*/, std::uint64_t /*seed*/,
                                                   const torch::Tensor& /*labels*/ = {}) const {
        return nullptr;
    }

    /// What training minimises, a scalar in nats a sample that is differentiable in the weights: the mean of
    /// −log p or of its bound over `batch`. Dequantisation, latent noise and dropout are drawn from (seed,
    /// iteration).
    virtual torch::Tensor training_loss(const Batch& batch, std::uint64_t seed,
                                        std::int64_t iteration) const = 0;

    /// Called with the first batch before the first update: initialisation that depends on data. A run that
    /// was saved in between calls it again, so whether it was done is kept in `buffers`.
    virtual void initialise(const Batch& /*batch*/) {}
};

/// `samples` [N, …] that a model drew. Throws Error that counts those that are not finite, as those of a flow
/// whose inverse is steep can be.
torch::Tensor require_finite_draws(torch::Tensor samples);

/// Density::draw for those who look at samples or run chains from them. Throws as require_finite_draws.
torch::Tensor finite_draws(const Density& density, std::int64_t count, std::uint64_t seed,
                           const torch::Tensor& labels = {});

} // namespace ebm
