#include "core/base/error.h"
#include "core/energy/fused.h"
#include "core/energy/registry.h"
#include "core/energy/weights.h"
#include "core/kernels/conv_kernel.h"

namespace ebm {
namespace {

struct Convolution {
    std::int64_t channel_factor, kernel, padding; ///< output channels in units of settings.model.channels
};
constexpr std::int64_t stride = 2;
constexpr std::int64_t linear_width = 64;
/// The network of the UvA deep-learning tutorial 8, "Deep energy-based generative models": 76,993 parameters
/// for 1 × 28 × 28 with 16 channels.
constexpr Convolution convolutions[] = {{1, 5, 4}, {2, 3, 1}, {4, 3, 1}, {4, 3, 1}};

class ConvEnergy final : public FusedEnergy {
public:
    ConvEnergy(Activation activation, Shape shape, Weights weights)
        : activation_(activation), shape_(std::move(shape)), weights_(std::move(weights)) {
        spec_.channels = static_cast<int>(shape_[0]);
        spec_.height = static_cast<int>(shape_[1]);
        spec_.width = static_cast<int>(shape_[2]);
        spec_.activation = activation;
        for (std::size_t i = 0; i < weights_.size(); i += 2) {
            const torch::Tensor& weight = weights_[i].second;
            const int out = static_cast<int>(weight.size(0)), in = static_cast<int>(weight.size(1));
            if (weight.dim() == 4)
                spec_.convolutions.push_back({in, out, static_cast<int>(weight.size(2)),
                                              static_cast<int>(stride),
                                              static_cast<int>(convolutions[i / 2].padding)});
            else
                spec_.linear.push_back({in, out});
        }
        compute_on(nullptr);
    }

    Shape sample_shape() const override { return shape_; }

    torch::Tensor network_value(const torch::Tensor& x) const override {
        torch::Tensor hidden = x;
        std::size_t next = 0;
        for (const Convolution& layer : convolutions) {
            hidden = torch::conv2d(hidden, weights_[next].second, weights_[next + 1].second, stride,
                                   layer.padding);
            hidden = activate(activation_, hidden);
            next += 2;
        }
        hidden = torch::linear(hidden.flatten(1), weights_[next].second, weights_[next + 1].second);
        hidden = activate(activation_, hidden);
        return torch::linear(hidden, weights_[next + 2].second, weights_[next + 3].second).squeeze(1);
    }

    Weights parameters() const override { return weights_; }

    std::shared_ptr<Energy> clone() const override {
        auto copy = std::make_shared<ConvEnergy>(activation_, shape_, copy_weights(weights_));
        if (gpu()) copy->compute_on(shared_gpu());
        return copy;
    }

protected:
    std::unique_ptr<FusedKernel> make_kernel(const cuda::Device* gpu) const override {
        return fused_kernel<kernels::ConvKernel>(spec_, gpu);
    }

private:
    Activation activation_;
    Shape shape_;
    Weights weights_;
    kernels::ConvNetSpec spec_;
};

std::shared_ptr<Energy> make_conv(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                  int classes) {
    if (classes > 0)
        throw Error("The energy 'conv' has no classes", "setting model.conditional",
                    "Choose the energy 'residual', or set model.conditional=false.");
    if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1)
        throw Error(
            "The energy 'conv' needs images of shape {channels, height, width}, but a sample has shape " +
                shape_text(shape),
            "setting model.energy", "Choose an image data set, or the energy 'mlp' for the plane.");
    Weights weights;
    std::int64_t channels = shape[0], height = shape[1], width = shape[2];
    for (const Convolution& layer : convolutions) {
        const std::int64_t outputs = layer.channel_factor * settings.model.channels;
        add_layer(weights, "convolutions." + std::to_string(weights.size() / 2),
                  {outputs, channels, layer.kernel, layer.kernel}, seed);
        channels = outputs;
        height = (height + 2 * layer.padding - layer.kernel) / stride + 1;
        width = (width + 2 * layer.padding - layer.kernel) / stride + 1;
    }
    add_layer(weights, "hidden", {linear_width, channels * height * width}, seed);
    add_layer(weights, "output", {1, linear_width}, seed);
    return std::make_shared<ConvEnergy>(settings.model.activation, shape, std::move(weights));
}

} // namespace

EnergyEntry conv_energy() {
    return {{"conv",
             "Convolutional network",
             "Four convolutions of stride 2 and two linear layers on images (UvA tutorial 8).",
             false,
             false,
             {},
             -1,
             1},
            make_conv};
}

} // namespace ebm
