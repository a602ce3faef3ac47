#pragma once

#include "core/density/density.h"
#include "core/network/layers.h"

namespace ebm {

struct Settings;

/// An invertible map of samples to standard normal noise: −log p(x) = |z|² / 2 + D / 2 · log 2π − log |det
/// ∂z/∂x|. Pictures get u ~ U(0, 1) added to their 8-bit values, y = (v + u) / 256 − 1/2, and the probability
/// of the values is at least the mean of p over u (Theis et al., "A note on the evaluation of generative
/// models", 2016): `value` takes one fixed u of each pixel for all pictures, training new ones each
/// iteration.
class Flow : public Density {
public:
    struct Encoded {
        torch::Tensor z;       ///< [N, D]
        torch::Tensor log_det; ///< [N], log |det ∂z/∂y|
    };
    /// y: [N, sample shape…], points or what was made of pictures.
    virtual Encoded encode(const torch::Tensor& y) const = 0;
    /// The inverse of `encode`. z: [N, D].
    virtual torch::Tensor decode(const torch::Tensor& z) const = 0;

    bool exact() const override { return sample_shape().size() == 1; }
    std::string bound() const override;
    torch::Tensor value(const Batch& batch) const override;
    torch::Tensor draw(std::int64_t count, std::uint64_t seed, const torch::Tensor& labels) const override;
    torch::Tensor training_loss(const Batch& batch, std::uint64_t seed,
                                std::int64_t iteration) const override;

protected:
    /// y of x with noise [N or 1, sample shape…] in [0, 1).
    torch::Tensor with_noise(const torch::Tensor& x, const torch::Tensor& noise) const;
    /// y of x with the noise of `value`.
    torch::Tensor with_fixed_noise(const torch::Tensor& x) const;

private:
    /// −log p [N] from y.
    torch::Tensor negative_log_likelihood(const torch::Tensor& y) const;
};

/// A flow on the plane: settings.model.flow_steps affine couplings (Dinh et al., "Density estimation using
/// Real NVP", ICLR 2017). Each leaves one coordinate a as it is, alternately the first and the second, and
/// moves the other one, b ← b · exp(s(a)) + t(a), where a small network gives t and r, and s = l · tanh(r /
/// l) with a learned bound l > 0. The networks' last layers begin at 0: the flow begins as the identity.
std::shared_ptr<Flow> make_plane_flow(const Settings& settings, std::uint64_t seed);
std::vector<network::LayerFacts> plane_flow_layers(const Settings& settings);

/// Glow (Kingma & Dhariwal 2018) on pictures {channels, height, width} whose sides settings.model.flow_levels
/// halvings divide. A level squeezes 2 × 2 pixels into channels and makes flow_steps steps of a normalisation
/// of each channel that begins with the first batch's mean and deviation, an invertible 1 × 1 convolution (P
/// L (U + diag) with P and the signs of the diagonal fixed), and an affine coupling whose scale is 0.1 + 0.9
/// · sigmoid(h + 2). All levels but the last give half of their channels to the noise, as a normal
/// distribution whose mean and deviation depend on the other half. Throws Error if the shape does not fit.
std::shared_ptr<Flow> make_glow(const Settings& settings, const Shape& shape, std::uint64_t seed);
std::vector<network::LayerFacts> glow_layers(const Settings& settings, const Shape& shape);

} // namespace ebm
