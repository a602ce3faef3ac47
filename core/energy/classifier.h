#pragma once

#include "core/energy/energy.h"
#include "core/network/graph.h"

namespace ebm {

/// A classifier of pictures as an energy, after Grathwohl et al. (2020), "Your classifier is secretly an
/// energy based model": E(x, y) = −logit_y(x), so that p(y|x) = softmax of the logits and, without a label,
/// E(x) = −logsumexp of the logits. Trained by CrossEntropy it learns p(y|x) and nothing of p(x).
class Classifier final : public Energy {
public:
    /// graph: without labels; its last node has a logit for each class. Weights start as the graph says.
    Classifier(network::Graph graph, std::uint64_t seed);

    Shape sample_shape() const override;
    int classes() const override { return graph_.nodes.back().shape.channels; }
    torch::Tensor value(const Batch& batch) const override;
    NamedTensors parameters() const override { return weights_; }
    std::shared_ptr<Energy> clone() const override;

    /// [n, classes], differentiable in x and in the weights.
    torch::Tensor logits(const torch::Tensor& x) const;
    /// What the last layer reads: [n, features].
    torch::Tensor features(const torch::Tensor& x) const;
    /// [n, classes] of [n, features].
    torch::Tensor logits_of_features(const torch::Tensor& features) const;

private:
    std::vector<torch::Tensor> results(const torch::Tensor& x) const;

    network::Graph graph_;
    NamedTensors weights_;
};

} // namespace ebm
