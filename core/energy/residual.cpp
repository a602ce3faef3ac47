#include "core/network/residual.h"
#include "core/base/error.h"
#include "core/energy/graph_energy.h"
#include "core/energy/registry.h"

#include <charconv>

namespace ebm {
namespace {

/// "1, 2, 2" → {1, 2, 2}.
std::vector<int> whole_numbers(const std::string& text, const std::string& key) {
    std::vector<int> numbers;
    const char *at = text.data(), *end = at + text.size();
    while (true) {
        while (at < end && *at == ' ')
            ++at;
        int number = 0;
        const auto [after, problem] = std::from_chars(at, end, number);
        if (problem != std::errc() || number < 1 || number > 64)
            throw Error("'" + text + "' is not a list of whole numbers from 1 to 64", "setting " + key,
                        "Write numbers with commas between them, like 1,2,2.");
        numbers.push_back(number);
        at = after;
        while (at < end && *at == ' ')
            ++at;
        if (at == end) return numbers;
        if (*at++ != ',')
            throw Error("'" + text + "' is not a list of whole numbers from 1 to 64", "setting " + key,
                        "Write numbers with commas between them, like 1,2,2.");
    }
}

std::shared_ptr<Energy> make_residual(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                      int classes) {
    return std::make_shared<GraphEnergy>(network::residual_graph(residual_spec(settings, shape, classes)),
                                         false, settings.model.spectral_every_step, seed);
}

std::vector<network::LayerFacts> residual_layers(const Settings& settings, const Shape& shape, int classes) {
    return network::layers(network::residual_graph(residual_spec(settings, shape, classes)));
}

} // namespace

network::ResidualSpec residual_spec(const Settings& settings, const Shape& shape, int classes) {
    if (shape.size() != 3)
        throw Error("The energy '" + settings.model.energy + "' needs pictures, but a sample has shape " +
                        shape_text(shape),
                    "setting model.energy", "Choose a set of pictures, or the energy 'mlp' for the plane.");
    const auto& model = settings.model;
    network::ResidualSpec spec;
    spec.input = {static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2])};
    spec.classes = classes;
    spec.channels = model.channels;
    spec.stem = model.stem == 0 ? model.channels : model.stem;
    spec.widths = whole_numbers(model.stages, "model.stages");
    spec.blocks = whole_numbers(model.blocks, "model.blocks");
    if (spec.blocks.size() == 1) spec.blocks.resize(spec.widths.size(), spec.blocks.front());
    spec.activation = model.activation;
    spec.spectral = model.normalisation == Normalisation::spectral;
    spec.conditioning = model.gains_and_biases;
    spec.zero_to_one = model.zero_to_one;
    spec.unread_tables = model.unread_tables;
    if (classes > 0 && !spec.conditioning)
        throw Error("A conditional residual energy needs its gains and biases, which are per class",
                    "setting model.gains_and_biases", "Set it to true, or model.conditional to false.");
    return spec;
}

EnergyEntry residual_energy() {
    return {{"residual",
             "Residual network",
             "Residual blocks with per-class gains and biases and spectral normalisation, as Du & Mordatch "
             "(2019) have them.",
             false,
             false,
             {},
             -4,
             4},
            make_residual,
            residual_layers};
}

} // namespace ebm
