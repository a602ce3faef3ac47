#include "core/energy/fused.h"
#include "core/energy/graph_energy.h"
#include "core/energy/registry.h"
#include "core/energy/weights.h"
#include "core/kernels/mlp_kernel.h"

namespace ebm {
namespace {

/// E(x) = output_scale · network(input_scale · x) + |x|² / (2 r²) with r the confinement radius.
class MlpEnergy final : public FusedEnergy {
public:
    MlpEnergy(const Settings::model_settings& model, Weights weights)
        : model_(model), weights_(std::move(weights)) {
        spec_.hidden.assign(static_cast<std::size_t>(model.layers), model.width);
        spec_.activation = model.activation;
        spec_.input_scale = static_cast<float>(model.input_scale);
        spec_.output_scale = static_cast<float>(model.output_scale);
        spec_.confinement = static_cast<float>(model.confinement);
        compute_on(nullptr);
    }

    Shape sample_shape() const override { return {2}; }

    torch::Tensor network_value(const torch::Tensor& x) const override {
        torch::Tensor hidden = x * model_.input_scale;
        const std::size_t layers = weights_.size() / 2;
        for (std::size_t i = 0; i < layers; ++i) {
            hidden = torch::linear(hidden, weights_[2 * i].second, weights_[2 * i + 1].second);
            if (i + 1 < layers) hidden = activate(model_.activation, hidden);
        }
        const double confinement = 0.5 / (model_.confinement * model_.confinement);
        return hidden.squeeze(1) * model_.output_scale + x.square().sum(1) * confinement;
    }

    Weights parameters() const override { return weights_; }

    std::shared_ptr<Energy> clone() const override {
        auto copy = std::make_shared<MlpEnergy>(model_, copy_weights(weights_));
        if (gpu()) copy->compute_on(shared_gpu());
        return copy;
    }

protected:
    std::unique_ptr<FusedKernel> make_kernel(const cuda::Device* gpu) const override {
        return fused_kernel<kernels::MlpKernel>(spec_, gpu);
    }

private:
    Settings::model_settings model_;
    kernels::MlpSpec spec_;
    Weights weights_;
};

/// With classes the same network has a bias per class in front of each activation.
network::Graph graph_of(const Settings& settings, int classes) {
    const auto& model = settings.model;
    network::Graph graph;
    graph.input = {2, 1, 1};
    graph.classes = classes;
    graph.input_scale = static_cast<float>(model.input_scale);
    graph.output_scale = static_cast<float>(model.output_scale);
    graph.curvature = static_cast<float>(1 / (model.confinement * model.confinement));
    int x = -1;
    for (int i = 0; i < model.layers; ++i) {
        const std::string name = "layers." + std::to_string(i);
        x = graph.linear(name, x, model.width);
        if (classes > 0) x = graph.class_bias(name + ".class_bias", x);
        x = graph.activation(x, model.activation);
    }
    graph.linear("layers." + std::to_string(model.layers), x, 1);
    return graph;
}

std::vector<network::LayerFacts> mlp_layers(const Settings& settings, const Shape& shape, int classes) {
    require_plane(shape, "mlp");
    return network::layers(graph_of(settings, classes));
}

std::shared_ptr<Energy> make_mlp(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                 int classes) {
    require_plane(shape, "mlp");
    if (classes > 0) return std::make_shared<GraphEnergy>(graph_of(settings, classes), true, false, seed);
    Weights weights;
    std::int64_t inputs = 2;
    for (int i = 0; i < settings.model.layers; ++i) {
        add_layer(weights, "layers." + std::to_string(i), {settings.model.width, inputs}, seed);
        inputs = settings.model.width;
    }
    add_layer(weights, "layers." + std::to_string(settings.model.layers), {1, inputs}, seed);
    return std::make_shared<MlpEnergy>(settings.model, std::move(weights));
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
