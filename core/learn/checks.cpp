#include "core/learn/checks.h"

#include "core/base/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm {

void require_learnable(const Energy& energy, Batch& data) {
    if (energy.parameters().empty())
        throw Error("An analytic energy has no weights to train", "setting model.energy",
                    "Choose mlp or conv to train, or run chains only.");
    const torch::Tensor& x = data.x;
    if (x.defined() && (x.dim() == 0 || x.size(0) == 0 || x.sizes().slice(1).vec() != energy.sample_shape()))
        throw Error("The data do not have the shape that the energy takes", "training data",
                    "Choose an energy for this kind of data.");
    if (energy.classes() == 0)
        data.labels = torch::Tensor();
    else if (x.defined() && !data.labels.defined())
        throw Error("A conditional energy learns from labels, which the data do not have", "training data",
                    "Choose data with labels, or set model.conditional=false.");
}

void throw_diverged(std::string_view what, std::int64_t iteration, std::string remedy) {
    throw Error(fmt::format("The {} stopped being finite", what),
                fmt::format("training iteration {}", iteration), std::move(remedy));
}

NamedTensors weights_state(const Energy& energy, const Energy& average) {
    const auto all = [](const Energy& of) {
        NamedTensors list = of.parameters();
        for (auto& entry : of.buffers())
            list.push_back(std::move(entry));
        return list;
    };
    NamedTensors tensors;
    const auto weights = all(energy), averages = all(average);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        tensors.emplace_back("weights." + weights[i].first, weights[i].second.detach());
        tensors.emplace_back("average." + weights[i].first, averages[i].second.detach());
    }
    return tensors;
}

torch::Tensor required_tensor(const NamedTensors& state, const std::string& name, const torch::Tensor& like,
                              const std::string& origin) {
    const auto found =
        std::find_if(state.begin(), state.end(), [&](const auto& entry) { return entry.first == name; });
    if (found == state.end())
        throw Error(fmt::format("The training state has no tensor '{}'", name), origin,
                    "Open a checkpoint that was written while training with this model.");
    if (found->second.sizes() != like.sizes() || found->second.scalar_type() != like.scalar_type())
        throw Error(fmt::format("The tensor '{}' of the training state has another shape or type", name),
                    origin, "Use the scene that the checkpoint was written with.");
    return found->second;
}

void restore_tensors(const NamedTensors& target, const NamedTensors& state, const std::string& origin) {
    const torch::NoGradGuard no_graph;
    std::vector<torch::Tensor> sources;
    for (const auto& [name, tensor] : target)
        sources.push_back(required_tensor(state, name, tensor, origin));
    for (std::size_t i = 0; i < target.size(); ++i) {
        torch::Tensor tensor = target[i].second;
        tensor.copy_(sources[i]);
    }
}

} // namespace ebm
