#include "core/density/flow.h"
#include "core/energy/weights.h"
#include "core/settings/settings.h"

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

class PlaneFlow final : public Flow {
public:
    PlaneFlow(const Settings::model_settings& model, Weights weights)
        : model_(model), weights_(std::move(weights)) {}

    Shape sample_shape() const override { return {2}; }

    Encoded encode(const Tensor& y) const override {
        Tensor first = y.select(1, 0), second = y.select(1, 1);
        Tensor log_det = torch::zeros_like(first);
        for (int step = 0; step < model_.flow_steps; ++step) {
            Tensor& moved = step % 2 == 0 ? second : first;
            const auto [s, t] = coupling(step, step % 2 == 0 ? first : second);
            moved = moved * s.exp() + t;
            log_det = log_det + s;
        }
        return {torch::stack({first, second}, 1), log_det};
    }

    Tensor decode(const Tensor& z) const override {
        Tensor first = z.select(1, 0), second = z.select(1, 1);
        for (int step = model_.flow_steps - 1; step >= 0; --step) {
            Tensor& moved = step % 2 == 0 ? second : first;
            const auto [s, t] = coupling(step, step % 2 == 0 ? first : second);
            moved = (moved - t) * (-s).exp();
        }
        return torch::stack({first, second}, 1);
    }

    Weights parameters() const override { return weights_; }
    std::shared_ptr<Energy> clone() const override {
        return std::make_shared<PlaneFlow>(model_, copy_weights(weights_));
    }

private:
    /// s and t of a step, each [N], from the coordinate that it leaves as it is.
    std::pair<Tensor, Tensor> coupling(int step, const Tensor& kept) const {
        const std::size_t layers = static_cast<std::size_t>(model_.layers) + 1;
        std::size_t at = static_cast<std::size_t>(step) * (2 * layers + 1);
        Tensor hidden = kept.unsqueeze(1);
        for (std::size_t layer = 0; layer < layers; ++layer, at += 2) {
            hidden = torch::linear(hidden, weights_[at].second, weights_[at + 1].second);
            if (layer + 1 < layers) hidden = activate(model_.activation, hidden);
        }
        const Tensor bound = weights_[at].second.exp();
        return {bound * torch::tanh(hidden.select(1, 0) / bound), hidden.select(1, 1)};
    }

    Settings::model_settings model_;
    Weights weights_; ///< of each step its layers' weights and biases, and the logarithm of its bound, [1]
};

std::string step_name(int step) {
    return fmt::format("steps.{}", step);
}

} // namespace

std::shared_ptr<Flow> make_plane_flow(const Settings& settings, std::uint64_t seed) {
    const auto& model = settings.model;
    Weights weights;
    for (int step = 0; step < model.flow_steps; ++step) {
        std::int64_t inputs = 1;
        for (int layer = 0; layer <= model.layers; ++layer) {
            const std::int64_t outputs = layer < model.layers ? model.width : 2;
            add_layer(weights, fmt::format("{}.layers.{}", step_name(step), layer), {outputs, inputs}, seed);
            inputs = outputs;
        }
        const torch::NoGradGuard no_graph;
        weights[weights.size() - 2].second.zero_();
        weights[weights.size() - 1].second.zero_();
        weights.emplace_back(step_name(step) + ".log_bound", torch::zeros({1}).requires_grad_(true));
    }
    return std::make_shared<PlaneFlow>(model, std::move(weights));
}

std::vector<network::LayerFacts> plane_flow_layers(const Settings& settings) {
    const auto& model = settings.model;
    std::vector<network::LayerFacts> list;
    for (int step = 0; step < model.flow_steps; ++step) {
        int inputs = 1;
        for (int layer = 0; layer <= model.layers; ++layer) {
            const int outputs = layer < model.layers ? model.width : 2;
            list.push_back({fmt::format("{}.layers.{}", step_name(step), layer),
                            "linear",
                            {outputs, 1, 1},
                            std::int64_t{inputs + 1} * outputs,
                            std::int64_t{inputs} * outputs});
            inputs = outputs;
        }
        list.push_back({step_name(step) + ".log_bound", "affine coupling", {2, 1, 1}, 1, 0});
    }
    return list;
}

} // namespace ebm
