#pragma once

#include "core/base/tensor.h"

#include <cstdint>

/// The discretised logistic mixture of PixelCNN++ (Salimans et al., 2017, equations 1 to 3): what a network
/// says about the colour of a pixel. Colour v of 0 … levels − 1 sits at x = 2 v / (levels − 1) − 1 and owns
/// the mass of x ± 1 / (levels − 1); the darkest and the brightest also own their tails.
namespace ebm {

struct LogisticMixture {
    int channels = 1;   ///< 1 to 3
    int components = 5; ///< K
    int levels = 256;   ///< at least 2

    /// Numbers a pixel, in this order: K logits; K means a channel; K log-scales a channel, used within −7 …
    /// 7; K coefficients, used through tanh, for each pair of channels (1, 0), (2, 0), (2, 1) by which the
    /// true value of the second is added to the mean of the first.
    int outputs() const { return components * (1 + 2 * channels + channels * (channels - 1) / 2); }

    /// log p of each pixel. x: [N, channels, H, W]; parameters: [N, outputs(), H, W]; returns [N, H, W].
    /// Finite and differentiable in both for every finite x, so that chains may leave the colours; there the
    /// mass of x ± 1 / (levels − 1) is taken.
    torch::Tensor log_probability(const torch::Tensor& x, const torch::Tensor& parameters) const;

    /// Draws a pixel: one of the levels a channel. parameters: outputs() numbers; uniforms: four in [0, 1);
    /// values: `channels` numbers.
    void draw(const float* parameters, const float* uniforms, float* values) const;

    /// Draws every pixel of pictures whose pixels are independent. parameters: [N, outputs(), H, W];
    /// uniforms: [N, H · W, 4]; returns [N, channels, H, W].
    torch::Tensor draw(const torch::Tensor& parameters, const torch::Tensor& uniforms) const;

    /// The random numbers of draws: [count, pixels, 4], picture i from (seed, i).
    static torch::Tensor uniforms(std::int64_t count, std::int64_t pixels, std::uint64_t seed);
};

} // namespace ebm
