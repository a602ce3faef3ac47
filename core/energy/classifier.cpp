#include "core/energy/classifier.h"

#include "core/base/error.h"
#include "core/energy/graph_energy.h"
#include "core/energy/registry.h"

namespace ebm {
namespace {

using torch::Tensor;

/// The residual network with an output for each class, and without spectral normalisation.
network::Graph classifier_graph(const Settings& settings, const Shape& shape, int classes) {
    if (classes < 2)
        throw Error("A classifier needs model.conditional and data with at least two classes",
                    "setting model.energy", "Choose data with labels, and set model.conditional=true.");
    network::ResidualSpec spec = residual_spec(settings, shape, 0);
    spec.spectral = false;
    spec.conditioning = true;
    spec.unread_tables = false;
    network::Graph graph = network::residual_graph(spec);
    // In place of the layer to one energy, its weight and its bias.
    const int features = graph.nodes.back().input;
    graph.nodes.pop_back();
    graph.weights.resize(graph.weights.size() - 2);
    graph.linear("logits", features, classes);
    return graph;
}

std::shared_ptr<Energy> make_classifier(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                        int classes) {
    return std::make_shared<Classifier>(classifier_graph(settings, shape, classes), seed);
}

std::vector<network::LayerFacts> classifier_layers(const Settings& settings, const Shape& shape,
                                                   int classes) {
    return network::layers(classifier_graph(settings, shape, classes));
}

} // namespace

Classifier::Classifier(network::Graph graph, std::uint64_t seed) : graph_(std::move(graph)) {
    for (const network::Weight& weight : graph_.weights)
        weights_.emplace_back(weight.name, start_of(weight, seed, weights_.size()));
}

Shape Classifier::sample_shape() const {
    return {graph_.input.channels, graph_.input.height, graph_.input.width};
}

std::shared_ptr<Energy> Classifier::clone() const {
    auto copy = std::make_shared<Classifier>(*this);
    copy->weights_ = copy_weights(weights_);
    return copy;
}

std::vector<Tensor> Classifier::results(const Tensor& x) const {
    std::vector<Tensor> used;
    for (const auto& [name, weight] : weights_)
        used.push_back(weight);
    return graph_results(graph_, used, x, {});
}

Tensor Classifier::logits(const Tensor& x) const {
    return results(x).back().flatten(1);
}

Tensor Classifier::features(const Tensor& x) const {
    return results(x)[static_cast<std::size_t>(graph_.nodes.back().input)].flatten(1);
}

Tensor Classifier::logits_of_features(const Tensor& features) const {
    const network::Node& last = graph_.nodes.back();
    return torch::linear(features, weights_[static_cast<std::size_t>(last.weight)].second,
                         weights_[static_cast<std::size_t>(last.second)].second);
}

Tensor Classifier::value(const Batch& batch) const {
    const Tensor of_classes = logits(batch.x);
    if (!batch.labels.defined()) return -torch::logsumexp(of_classes, 1);
    return -of_classes.gather(1, batch.labels.unsqueeze(1)).squeeze(1);
}

EnergyEntry classifier_energy() {
    return {{"classifier",
             "Classifier",
             "A residual network with a logit for each class, E(x, y) = −logit, trained by cross entropy: it "
             "tells classes apart and knows nothing of how likely a picture is.",
             false,
             false,
             {},
             -4,
             4},
            make_classifier,
            classifier_layers};
}

} // namespace ebm
