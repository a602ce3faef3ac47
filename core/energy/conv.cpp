#include "core/base/error.h"
#include "core/energy/graph_energy.h"
#include "core/energy/registry.h"
#include "core/network/plain.h"

namespace ebm {
namespace {

network::Graph conv_graph(const Settings& settings, const Shape& shape, int classes) {
    if (classes > 0)
        throw Error("The energy 'conv' has no classes", "setting model.conditional",
                    "Choose the energy 'residual', or set model.conditional=false.");
    if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1)
        throw Error(
            "The energy 'conv' needs images of shape {channels, height, width}, but a sample has shape " +
                shape_text(shape),
            "setting model.energy", "Choose an image data set, or the energy 'mlp' for the plane.");
    const int channels = settings.model.channels;
    return network::tutorial_graph(
        {static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2])},
        {channels, 2 * channels, 4 * channels, 4 * channels}, 64, settings.model.activation);
}

std::shared_ptr<Energy> make_conv(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                  int classes) {
    return std::make_shared<GraphEnergy>(conv_graph(settings, shape, classes), false, false, seed);
}

std::vector<network::LayerFacts> conv_layers(const Settings& settings, const Shape& shape, int classes) {
    return network::layers(conv_graph(settings, shape, classes));
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
