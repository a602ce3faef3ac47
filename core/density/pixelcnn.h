#pragma once

#include "core/density/density.h"
#include "core/density/pixelcnn_plan.h"
#include "core/energy/weights.h"

namespace ebm {

/// PixelCNN++ (Salimans et al., 2017): log p(x) = Σ log p(pixel | pixels above it and to its left), each a
/// discretised logistic mixture whose parameters a network of two causal streams computes. Weights are
/// normalised a filter (Salimans & Kingma, 2016), with an initialisation that depends on data.
class PixelCnn final : public Density {
public:
    PixelCnn(const PixelCnnSpec& spec, std::uint64_t seed);

    Shape sample_shape() const override;
    torch::Tensor value(const Batch& batch) const override;
    ValueAndGradient value_and_gradient(const Batch& batch) const override;
    NamedTensors parameters() const override { return weights_; }
    NamedTensors buffers() const override { return {{"initialised", initialised_}}; }
    std::shared_ptr<Energy> clone() const override;

    torch::Tensor draw(std::int64_t count, std::uint64_t seed,
                       const torch::Tensor& labels = {}) const override;
    std::unique_ptr<Drawing> start_drawing(std::int64_t count, std::uint64_t seed,
                                           const torch::Tensor& labels = {}) const override;
    torch::Tensor training_loss(const Batch& batch, std::uint64_t seed,
                                std::int64_t iteration) const override;
    void initialise(const Batch& batch) override;

    /// Parameters of the mixture at every pixel, [N, mixture().outputs(), H, W]: those of a pixel depend on
    /// the pixels above it and to its left only. x: [N, C, H, W].
    torch::Tensor predict(const torch::Tensor& x) const;

    const PixelCnnSpec& spec() const { return spec_; }

private:
    struct Layer {
        torch::Tensor direction, gain, bias; ///< direction: [out, in, rows, columns]
    };
    Layer layer(const PixelCnnNode& node) const;
    torch::Tensor run(const torch::Tensor& x, bool initialise) const;

    PixelCnnSpec spec_;
    PixelCnnPlan plan_;
    Weights weights_; ///< direction, gain, bias of each layer in turn
    torch::Tensor initialised_;
};

} // namespace ebm
