#pragma once

#include "core/base/tensor.h"
#include "core/learn/contrastive_divergence.h"

/// Trainings that are small enough for a test.
namespace ebm::tests {

/// E(x) = w₀ x₀² + w₁ x₁², small enough to do by hand.
class Bowl final : public Energy {
public:
    explicit Bowl(float w0 = 0.5f, float w1 = 1.0f) : weight_(torch::tensor({w0, w1}).requires_grad_(true)) {}
    Shape sample_shape() const override { return {2}; }
    torch::Tensor value(const Batch& batch) const override { return (batch.x.square() * weight_).sum(1); }
    std::vector<std::pair<std::string, torch::Tensor>> parameters() const override {
        return {{"weight", weight_}};
    }
    std::shared_ptr<Energy> clone() const override {
        const torch::Tensor w = weight_.detach();
        return std::make_shared<Bowl>(w[0].item<float>(), w[1].item<float>());
    }

private:
    torch::Tensor weight_;
};

inline Settings small_settings() {
    Settings settings;
    settings.model.width = 16;
    settings.model.layers = 2;
    settings.buffer.size = 64;
    settings.buffer.reinit_share = 0.25;
    settings.train.batch = 32;
    settings.train.iterations = 40;
    settings.train.energy_l2 = 0.05;
    settings.data.noise = 0.02;
    settings.sampler.steps = 5;
    return settings;
}

inline torch::Tensor ring_data(std::int64_t count) {
    const torch::Tensor angle = torch::arange(count) * (6.2831853 / static_cast<double>(count));
    return torch::stack({2 * angle.cos(), 2 * angle.sin()}, 1).to(torch::kFloat);
}

inline ContrastiveDivergence small_learner(const Settings& settings, std::int64_t data_count = 200) {
    return {settings, make_energy(settings, {2}, static_cast<std::uint64_t>(settings.train.seed)),
            ring_data(data_count)};
}

} // namespace ebm::tests
