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

void require_pictures(const Shape& shape, int classes) {
    if (classes > 0)
        throw Error("The energy 'conv' has no classes", "setting model.conditional",
                    "Choose the energy 'residual', or set model.conditional=false.");
    if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1)
        throw Error(
            "The energy 'conv' needs images of shape {channels, height, width}, but a sample has shape " +
                shape_text(shape),
            "setting model.energy", "Choose an image data set, or the energy 'mlp' for the plane.");
}

/// Weight shapes by layer, the linear ones last, and the shapes of their results.
struct LayerShape {
    Shape weight;
    network::NodeShape result;
};
std::vector<LayerShape> layer_shapes(const Settings& settings, const Shape& shape) {
    std::vector<LayerShape> layers;
    std::int64_t channels = shape[0], height = shape[1], width = shape[2];
    const auto add = [&](const Shape& weight) {
        layers.push_back(
            {weight, {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)}});
    };
    for (const Convolution& layer : convolutions) {
        const std::int64_t inputs = channels;
        channels = layer.channel_factor * settings.model.channels;
        height = (height + 2 * layer.padding - layer.kernel) / stride + 1;
        width = (width + 2 * layer.padding - layer.kernel) / stride + 1;
        add({channels, inputs, layer.kernel, layer.kernel});
    }
    const std::int64_t flat = channels * height * width;
    height = width = 1;
    channels = linear_width;
    add({linear_width, flat});
    channels = 1;
    add({1, linear_width});
    return layers;
}

std::string layer_name(std::size_t index) {
    const std::size_t count = std::size(convolutions);
    return index < count ? "convolutions." + std::to_string(index) : index == count ? "hidden" : "output";
}

std::shared_ptr<Energy> make_conv(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                  int classes) {
    require_pictures(shape, classes);
    Weights weights;
    std::size_t index = 0;
    for (const LayerShape& layer : layer_shapes(settings, shape))
        add_layer(weights, layer_name(index++), layer.weight, seed);
    return std::make_shared<ConvEnergy>(settings.model.activation, shape, std::move(weights));
}

std::vector<network::LayerFacts> conv_layers(const Settings& settings, const Shape& shape, int classes) {
    require_pictures(shape, classes);
    std::vector<network::LayerFacts> list;
    for (const LayerShape& layer : layer_shapes(settings, shape)) {
        std::int64_t weights = 1;
        for (const std::int64_t size : layer.weight)
            weights *= size;
        const bool last = layer.result.channels == 1;
        const std::string side = layer.weight.size() == 4 ? std::to_string(layer.weight[2]) : "";
        list.push_back({layer_name(list.size()),
                        (side.empty() ? "linear" : "convolution " + side + " × " + side + ", stride 2") +
                            (last ? "" : ", activation"),
                        layer.result, weights + layer.weight[0],
                        weights * layer.result.height * layer.result.width});
    }
    return list;
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
            make_conv,
            conv_layers};
}

} // namespace ebm
