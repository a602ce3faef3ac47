#include "core/base/error.h"
#include "core/energy/registry.h"
#include "core/energy/weights.h"
#include "core/kernels/noise.h"

namespace ebm {
namespace {

using torch::Tensor;

/// What keeps the contrast of a picture of one colour from being 0, in squared units of x.
constexpr double least_contrast = 0.01;

struct AutoencoderSpec {
    Shape sample; ///< {channels, height, width}, both multiples of 4
    std::int64_t channels = 16, latent = 20;
    Activation activation = Activation::silu;
    double scale = 1;
    bool own_contrast = true; ///< else the contrast is taken as 1

    Shape inner() const { return {2 * channels, sample[1] / 4, sample[2] / 4}; }
    std::int64_t inner_size() const { return 2 * channels * (sample[1] / 4) * (sample[2] / 4); }
};

/// Layers in their order: four convolutions and a linear one to the code, a linear one back and three
/// convolutions, of which the second and the third make four times the channels, to be shuffled into twice
/// the height and width.
struct Layer {
    const char* name;
    Shape weight;
    std::int64_t stride, padding;
    network::NodeShape result;
};
std::vector<Layer> layers_of(const AutoencoderSpec& spec) {
    const std::int64_t c = spec.channels, in = spec.sample[0], flat = spec.inner_size();
    const auto shape = [&](std::int64_t channels, int shrink) {
        return network::NodeShape{static_cast<int>(channels), static_cast<int>(spec.sample[1]) / shrink,
                                  static_cast<int>(spec.sample[2]) / shrink};
    };
    const network::NodeShape code{static_cast<int>(spec.latent), 1, 1};
    return {{"encoder.0", {c, in, 4, 4}, 2, 1, shape(c, 2)},
            {"encoder.1", {c, c, 3, 3}, 1, 1, shape(c, 2)},
            {"encoder.2", {2 * c, c, 4, 4}, 2, 1, shape(2 * c, 4)},
            {"encoder.3", {2 * c, 2 * c, 3, 3}, 1, 1, shape(2 * c, 4)},
            {"code", {spec.latent, flat}, 0, 0, code},
            {"decoder.0", {flat, spec.latent}, 0, 0, shape(2 * c, 4)},
            {"decoder.1", {2 * c, 2 * c, 3, 3}, 1, 1, shape(2 * c, 4)},
            {"decoder.2", {4 * c, 2 * c, 3, 3}, 1, 1, shape(4 * c, 4)},
            {"decoder.3", {c, c, 3, 3}, 1, 1, shape(c, 2)},
            {"decoder.4", {4 * in, c, 3, 3}, 1, 1, shape(4 * in, 2)}};
}

/// An autoencoder's squared error as an energy (Yoon, Noh and Park, "Autoencoding under normalization
/// constraints", 2021), in units of the picture's own contrast:
///     E(x) = s · mean (x − D(e(x)))² / √((v + ε)(d + ε)),
/// with the variance v of the picture's elements and the mean square d of the differences between
/// neighbouring pixels, across and down together. The plain error grows with the square of the contrast, so
/// that it calls dark and smooth pictures likely whatever they show. The code e(x) has length 1.
class AutoencoderEnergy final : public Energy {
public:
    AutoencoderEnergy(AutoencoderSpec spec, Weights weights)
        : spec_(std::move(spec)), layers_(layers_of(spec_)), weights_(std::move(weights)) {}

    Shape sample_shape() const override { return spec_.sample; }

    Tensor value(const Batch& batch) const override {
        const Tensor& x = batch.x;
        const Tensor error = (x - decode(encode(x))).square().mean({1, 2, 3});
        if (!spec_.own_contrast) return spec_.scale * error;
        const Tensor variance = x.var({1, 2, 3}, false);
        const Tensor across = x.slice(3, 1) - x.slice(3, 0, -1), down = x.slice(2, 1) - x.slice(2, 0, -1);
        const Tensor differences = across.square().mean({1, 2, 3}) + down.square().mean({1, 2, 3});
        const Tensor contrast = ((variance + least_contrast) * (differences + least_contrast)).sqrt();
        return spec_.scale * error / contrast;
    }

    Tensor starts(std::int64_t count, const random::Place& first) const override {
        const torch::NoGradGuard no_graph;
        const Tensor normals = torch::empty({count, spec_.latent});
        kernels::fill_normal(normals.data_ptr<float>(), count, spec_.latent, first, 1);
        return decode(unit(normals));
    }

    NamedTensors parameters() const override { return weights_; }

    std::shared_ptr<Energy> clone() const override {
        return std::make_shared<AutoencoderEnergy>(spec_, copy_weights(weights_));
    }

private:
    static Tensor unit(const Tensor& code) { return code / (code.square().sum(1, true) + 1e-12).sqrt(); }
    Tensor layer(std::size_t i, const Tensor& x) const {
        const Tensor &weight = weights_[2 * i].second, &bias = weights_[2 * i + 1].second;
        if (weight.dim() == 2) return torch::linear(x, weight, bias);
        return torch::conv2d(x, weight, bias, layers_[i].stride, layers_[i].padding);
    }
    Tensor encode(const Tensor& x) const {
        Tensor hidden = x;
        for (std::size_t i = 0; i < 4; ++i)
            hidden = activate(spec_.activation, layer(i, hidden));
        return unit(layer(4, hidden.flatten(1)));
    }
    /// code: [N, latent]; returns [N, sample shape…] in −1 … 1.
    Tensor decode(const Tensor& code) const {
        const Shape inner = spec_.inner();
        Tensor hidden = activate(spec_.activation, layer(5, code).view({-1, inner[0], inner[1], inner[2]}));
        hidden = activate(spec_.activation, layer(6, hidden));
        hidden = activate(spec_.activation, torch::pixel_shuffle(layer(7, hidden), 2));
        hidden = activate(spec_.activation, layer(8, hidden));
        return torch::tanh(torch::pixel_shuffle(layer(9, hidden), 2));
    }

    AutoencoderSpec spec_;
    std::vector<Layer> layers_;
    Weights weights_;
};

AutoencoderSpec autoencoder_spec(const Settings& settings, const Shape& shape, int classes) {
    if (classes > 0)
        throw Error("The energy 'autoencoder' has no classes", "setting model.conditional",
                    "Choose the energy 'residual', or set model.conditional=false.");
    if (shape.size() != 3 || shape[1] % 4 != 0 || shape[2] % 4 != 0 || shape[1] < 8 || shape[2] < 8)
        throw Error("The energy 'autoencoder' needs pictures whose sides are multiples of 4, from 8 pixels "
                    "on, but a sample has shape " +
                        shape_text(shape),
                    "setting model.energy", "Set data.size to such a size, or choose another energy.");
    return {shape,
            settings.model.channels,
            settings.model.latent,
            settings.model.activation,
            settings.model.output_scale,
            settings.model.own_contrast};
}

std::shared_ptr<Energy> make_autoencoder(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                         int classes) {
    AutoencoderSpec spec = autoencoder_spec(settings, shape, classes);
    Weights weights;
    for (const Layer& layer : layers_of(spec))
        add_layer(weights, layer.name, layer.weight, seed);
    return std::make_shared<AutoencoderEnergy>(std::move(spec), std::move(weights));
}

std::vector<network::LayerFacts> autoencoder_layers(const Settings& settings, const Shape& shape,
                                                    int classes) {
    std::vector<network::LayerFacts> facts;
    for (const Layer& layer : layers_of(autoencoder_spec(settings, shape, classes))) {
        std::int64_t elements = 1;
        for (const std::int64_t size : layer.weight)
            elements *= size;
        const auto& result = layer.result;
        const std::int64_t places = layer.weight.size() == 4 ? std::int64_t{result.height} * result.width : 1;
        std::string operation = "linear";
        if (layer.weight.size() == 4) {
            const std::string side = std::to_string(layer.weight[2]);
            operation = "convolution " + side + " × " + side + (layer.stride == 2 ? ", stride 2" : "");
        }
        facts.push_back(
            {layer.name, std::move(operation), result, elements + layer.weight[0], elements * places});
    }
    return facts;
}

} // namespace

EnergyEntry autoencoder_energy() {
    return {
        {"autoencoder",
         "Autoencoder",
         "How badly an autoencoder gives a picture back, in units of the picture's own contrast. It "
         "reconstructs what it knows; contrastive training raises what it reconstructs and does not know.",
         false,
         false,
         {},
         -4,
         4,
         false,
         true},
        make_autoencoder,
        autoencoder_layers};
}

} // namespace ebm
