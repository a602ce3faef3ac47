#pragma once

#include "core/density/density.h"
#include "core/density/logistic_mixture.h"
#include "core/energy/weights.h"
#include "core/network/layers.h"

namespace ebm {

/// Sizes of a variational autoencoder (Kingma & Welling, 2014).
struct VaeSpec {
    Shape shape = {1, 28, 28}; ///< {2} or {C, H, W}
    int latent = 20;           ///< dimensions of z
    int width = 32; ///< pictures: filters of the first convolution; planes: units of a hidden layer
    int layers =
        3; ///< pictures: convolutions, each halves the sides and doubles the filters; planes: hidden layers
    int components = 3; ///< pictures: of the discretised logistic mixture a pixel
    int draws = 16;     ///< k of the bound that `value` is
    int warm_up = 0;    ///< iterations over which the divergence's weight in the loss grows from 0 to 1
};

/// A variational autoencoder: z ~ N(0, I), x ~ p(x | z), with an encoder q(z | x), a Gaussian with a diagonal
/// covariance. On planes p(x | z) is a Gaussian whose mean and standard deviations a small network computes;
/// for pictures each pixel is a discretised logistic mixture of its own. `value` is the upper bound −log 1/k
/// Σ p(x | z_i) p(z_i) / q(z_i | x) of −log p(x) with k fixed draws (Burda et al., "Importance weighted
/// autoencoders", 2016).
class Vae final : public Density {
public:
    /// seed: of the weights, and of the draws of `value`. Throws Error for a shape that does not fit.
    Vae(const VaeSpec& spec, std::uint64_t seed);

    /// In the order of computation, encoder first. Throws Error as the constructor does.
    static std::vector<network::LayerFacts> layers(const VaeSpec& spec);

    bool exact() const override { return false; }
    std::string bound() const override;
    Shape sample_shape() const override { return spec_.shape; }
    torch::Tensor value(const Batch& batch) const override;
    ValueAndGradient value_and_gradient(const Batch& batch) const override;
    NamedTensors parameters() const override { return weights_; }
    std::shared_ptr<Energy> clone() const override;

    torch::Tensor draw(std::int64_t count, std::uint64_t seed,
                       const torch::Tensor& labels = {}) const override;
    torch::Tensor training_loss(const Batch& batch, std::uint64_t seed,
                                std::int64_t iteration) const override;

    /// Lower bound of log p(x) on average over seeds, [N], by k draws that are the same for every x.
    torch::Tensor lower_bound(const torch::Tensor& x, int k, std::uint64_t seed) const;

private:
    struct Gaussian {
        torch::Tensor mean, log_sd; ///< [N, latent]
    };
    bool plane() const { return spec_.shape.size() == 1; }
    const torch::Tensor& weight(std::size_t layer) const { return weights_[2 * layer].second; }
    const torch::Tensor& bias(std::size_t layer) const { return weights_[2 * layer + 1].second; }
    Gaussian encode(const torch::Tensor& x) const;
    torch::Tensor decode(const torch::Tensor& z) const;
    torch::Tensor log_likelihood(const torch::Tensor& x, const torch::Tensor& decoded) const;

    VaeSpec spec_;
    std::uint64_t seed_;
    Weights weights_; ///< of the encoder, then of the decoder, in the order of computation
};

} // namespace ebm
