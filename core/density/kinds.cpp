#include "core/base/error.h"
#include "core/density/pixelcnn.h"
#include "core/density/vae.h"
#include "core/energy/registry.h"

#include <fmt/format.h>

namespace ebm {
namespace {

/// Throws Error for a conditional one.
void require_no_classes(int classes, std::string_view energy) {
    if (classes > 0)
        throw Error(fmt::format("The energy '{}' has no classes", energy), "setting model.conditional",
                    "Choose the energy 'mlp' or 'residual', or set model.conditional=false.");
}

PixelCnnSpec pixelcnn_spec(const Settings& settings, const Shape& shape, int classes) {
    require_no_classes(classes, "pixelcnn");
    if (shape.size() != 3)
        throw Error("The energy 'pixelcnn' needs pictures, but a sample has shape " + shape_text(shape),
                    "setting model.energy",
                    "Choose a set of pictures, or the energy 'flow' or 'vae' for the plane.");
    PixelCnnSpec spec;
    spec.channels = static_cast<int>(shape[0]);
    spec.height = static_cast<int>(shape[1]);
    spec.width = static_cast<int>(shape[2]);
    spec.blocks = settings.model.gated_blocks;
    spec.resolutions = settings.model.resolutions;
    spec.filters = settings.model.channels;
    spec.components = settings.model.components;
    return spec;
}

VaeSpec vae_spec(const Settings& settings, const Shape& shape, int classes) {
    require_no_classes(classes, "vae");
    const auto& model = settings.model;
    VaeSpec spec;
    spec.shape = shape;
    spec.latent = model.latent;
    spec.width = shape.size() == 1 ? model.width : model.channels;
    spec.layers = shape.size() == 1 ? model.layers : model.resolutions;
    spec.components = model.components;
    spec.draws = model.bound_draws;
    spec.warm_up = model.latent_warm_up;
    return spec;
}

std::shared_ptr<Energy> make_pixelcnn(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                      int classes) {
    return std::make_shared<PixelCnn>(pixelcnn_spec(settings, shape, classes), seed);
}

std::shared_ptr<Energy> make_vae(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                 int classes) {
    return std::make_shared<Vae>(vae_spec(settings, shape, classes), seed);
}

std::vector<network::LayerFacts> pixelcnn_layers(const Settings& settings, const Shape& shape, int classes) {
    const PixelCnnSpec spec = pixelcnn_spec(settings, shape, classes);
    const PixelCnnPlan plan = pixelcnn_plan(spec);
    std::vector<network::LayerFacts> layers;
    for (const PixelCnnNode& node : plan) {
        if (node.kind == PixelCnnNode::Kind::activation) {
            // Has no weights, but its results are what training has to remember.
            layers.push_back(
                {"",
                 "concat ELU",
                 {node.channels, side_at(spec.height, node.level), side_at(spec.width, node.level)}});
            continue;
        }
        if (node.layer < 0) continue;
        const bool grows = node.kind == PixelCnnNode::Kind::upsampling;
        const std::int64_t taps = std::int64_t{node.rows} * node.columns *
                                  plan[static_cast<std::size_t>(node.a)].channels * node.channels;
        network::LayerFacts facts;
        facts.name = node.name;
        facts.operation = fmt::format("{} {} × {}", grows ? "transposed convolution" : "convolution",
                                      node.rows, node.columns);
        facts.shape = {node.channels, side_at(spec.height, node.level), side_at(spec.width, node.level)};
        facts.parameters = taps + 2 * node.channels;
        // A transposed convolution of stride 2 spreads each input over four outputs.
        facts.multiply_adds = taps * facts.shape.height * facts.shape.width / (grows ? 4 : 1);
        layers.push_back(std::move(facts));
    }
    return layers;
}

std::vector<network::LayerFacts> vae_layers(const Settings& settings, const Shape& shape, int classes) {
    return Vae::layers(vae_spec(settings, shape, classes));
}

} // namespace

EnergyEntry pixelcnn_energy() {
    return {{"pixelcnn",
             "PixelCNN++",
             "Predicts each pixel from those above it and to its left, so the probability of a picture is "
             "exact; draws pictures pixel by pixel.",
             false,
             false,
             {},
             -4,
             4,
             true},
            make_pixelcnn,
            pixelcnn_layers};
}

EnergyEntry vae_energy() {
    return {{"vae",
             "Variational autoencoder",
             "Draws a few hidden numbers and paints a sample from them; its energy is a bound of −log p by "
             "importance sampling.",
             false,
             true,
             {},
             -4,
             4,
             true},
            make_vae,
            vae_layers};
}

} // namespace ebm
