#include "core/energy/graph_energy.h"
#include "core/energy/registry.h"
#include "core/network/plain.h"

namespace ebm {
namespace {

network::Graph mlp_graph(const Settings& settings, const Shape& shape, int classes) {
    require_plane(shape, "mlp");
    const auto& model = settings.model;
    network::PerceptronSpec spec;
    spec.hidden.assign(static_cast<std::size_t>(model.layers), model.width);
    spec.activation = model.activation;
    spec.input_scale = static_cast<float>(model.input_scale);
    spec.output_scale = static_cast<float>(model.output_scale);
    spec.confinement = static_cast<float>(model.confinement);
    spec.classes = classes;
    return network::perceptron_graph(spec);
}

std::vector<network::LayerFacts> mlp_layers(const Settings& settings, const Shape& shape, int classes) {
    return network::layers(mlp_graph(settings, shape, classes));
}

std::shared_ptr<Energy> make_mlp(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                 int classes) {
    return std::make_shared<GraphEnergy>(mlp_graph(settings, shape, classes), true, false, seed);
}

} // namespace

EnergyEntry mlp_energy() {
    return {{"mlp",
             "Neural network (MLP)",
             "A small fully connected network on the plane plus a weak quadratic confinement.",
             false,
             true,
             {},
             -4,
             4},
            make_mlp,
            mlp_layers};
}

} // namespace ebm
