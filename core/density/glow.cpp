#include "core/base/error.h"
#include "core/density/flow.h"
#include "core/energy/registry.h"
#include "core/energy/weights.h"
#include "core/settings/settings.h"

#include <cmath>

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

/// Logarithms of scales are kept as a third of what they are, as in the released code of Glow: they then
/// learn three times as fast.
constexpr double log_rate = 3;
/// Of a coupling. The published scale, sigmoid(h + 2), can come near 0; the inverse then leaves every number
/// behind, so that nothing can be drawn (Behrmann et al., "Understanding and mitigating exploding inverses in
/// invertible neural networks", 2021).
constexpr double least_scale = 0.1;
/// Bound of the logarithm of what a prior that depends on the picture multiplies noise by, for the same
/// reason.
constexpr double largest_log_sd = 6;

/// Channels of a level after its squeeze.
struct Level {
    std::int64_t channels, height, width;
};

std::vector<Level> levels_of(const Settings& settings, const Shape& shape) {
    if (shape.size() != 3)
        throw Error(
            "The energy 'flow' needs points of the plane or pictures {channels, height, width}, but a "
            "sample has shape " +
                shape_text(shape),
            "setting model.energy", "Choose another energy for these data.");
    std::vector<Level> levels;
    std::int64_t channels = shape[0], height = shape[1], width = shape[2];
    for (int level = 0; level < settings.model.flow_levels; ++level) {
        if (height % 2 != 0 || width % 2 != 0 || height == 0 || width == 0)
            throw Error(fmt::format("Pictures of {} × {} pixels cannot be halved {} times", shape[1],
                                    shape[2], settings.model.flow_levels),
                        "setting model.flow_levels", "Use fewer levels, or another picture size.");
        if (level > 0) channels /= 2; // the other half went to the noise
        channels *= 4;
        height /= 2;
        width /= 2;
        levels.push_back({channels, height, width});
    }
    return levels;
}

/// Weights and buffers by name, in the order in which they are added.
struct Store {
    Weights weights;
    NamedTensors buffers;

    std::size_t add(const std::string& name, Tensor values) {
        weights.emplace_back(name, values.detach().requires_grad_(true));
        return weights.size() - 1;
    }
    std::size_t add_buffer(const std::string& name, Tensor values) {
        buffers.emplace_back(name, std::move(values));
        return buffers.size() - 1;
    }
};

/// (x + bias) · exp(3 log_scale) of each channel.
struct Norm {
    std::size_t bias, log_scale;
};
/// z ← W z over the channels.
struct Mixing {
    std::size_t lower, upper, log_diagonal, permutation, signs;
};
/// convolution 3 × 3 – norm – activation – convolution 1 × 1 – norm – activation – convolution 3 × 3, the
/// last with a bias and times exp(3 log_scale), all three 0 at first.
struct Net {
    std::size_t first;
    Norm first_norm;
    std::size_t second;
    Norm second_norm;
    std::size_t last, bias, log_scale;
};
struct Step {
    Norm norm;
    Mixing mixing;
    Net net;
};
struct Prior {
    std::size_t weight, bias, log_scale;
};
struct FlowLevel {
    std::vector<Step> steps;
    Prior prior; ///< of what leaves after the level; of the last one bias and log_scale alone are used
};

Tensor per_channel(const Tensor& values) {
    return values.view({1, -1, 1, 1});
}

/// [N, C, H, W] → [N, 4C, H / 2, W / 2].
Tensor squeezed(const Tensor& x) {
    const std::int64_t n = x.size(0), c = x.size(1), h = x.size(2) / 2, w = x.size(3) / 2;
    return x.reshape({n, c, h, 2, w, 2}).permute({0, 1, 3, 5, 2, 4}).reshape({n, 4 * c, h, w});
}
Tensor unsqueezed(const Tensor& x) {
    const std::int64_t n = x.size(0), c = x.size(1) / 4, h = x.size(2), w = x.size(3);
    return x.reshape({n, c, 2, 2, h, w}).permute({0, 1, 4, 2, 5, 3}).reshape({n, c, 2 * h, 2 * w});
}

class Glow final : public Flow {
public:
    Glow(const Settings::model_settings& model, Shape shape, std::vector<Level> sizes,
         std::vector<FlowLevel> levels, Store store)
        : model_(model), shape_(std::move(shape)), sizes_(std::move(sizes)), levels_(std::move(levels)),
          store_(std::move(store)) {}

    Shape sample_shape() const override { return shape_; }
    Encoded encode(const Tensor& y) const override { return encode(y, false); }

    Tensor decode(const Tensor& z) const override {
        std::int64_t at = z.size(1);
        const auto take = [&](std::int64_t channels, const Level& size) {
            const std::int64_t count = channels * size.height * size.width;
            at -= count;
            return z.slice(1, at, at + count).reshape({-1, channels, size.height, size.width});
        };
        Tensor x;
        for (std::size_t level = levels_.size(); level-- > 0;) {
            const Level& size = sizes_[level];
            const FlowLevel& flow = levels_[level];
            if (level + 1 == levels_.size()) {
                const auto [mean, log_sd] = top_prior(flow.prior);
                x = take(size.channels, size) * log_sd.exp() + mean;
            } else {
                const Tensor noise = take(size.channels / 2, size);
                const auto [mean, log_sd] = split_prior(flow.prior, x);
                x = torch::cat({x, noise * log_sd.exp() + mean}, 1);
            }
            for (std::size_t step = flow.steps.size(); step-- > 0;)
                x = undone(flow.steps[step], x);
            x = unsqueezed(x);
        }
        return x;
    }

    /// Every normalisation takes mean and deviation of what reaches it.
    void initialise(const Batch& batch) override {
        const torch::NoGradGuard no_graph;
        auto* done = store_.buffers[0].second.data_ptr<std::int64_t>();
        if (*done) return;
        static_cast<void>(encode(with_fixed_noise(batch.x), true));
        *done = 1;
    }

    Weights parameters() const override { return store_.weights; }
    NamedTensors buffers() const override { return store_.buffers; }
    std::shared_ptr<Energy> clone() const override {
        Store copy{copy_weights(store_.weights), {}};
        for (const auto& [name, tensor] : store_.buffers)
            copy.buffers.emplace_back(name, tensor.clone());
        return std::make_shared<Glow>(model_, shape_, sizes_, levels_, std::move(copy));
    }

private:
    const Tensor& weight(std::size_t index) const { return store_.weights[index].second; }
    const Tensor& buffer(std::size_t index) const { return store_.buffers[index].second; }

    /// The parts of z that leave early stand first, each normalised by its prior.
    Encoded encode(const Tensor& y, bool set) const {
        std::vector<Tensor> parts;
        Tensor x = y, log_det = torch::zeros({y.size(0)});
        for (std::size_t level = 0; level < levels_.size(); ++level) {
            const FlowLevel& flow = levels_[level];
            x = squeezed(x);
            for (const Step& step : flow.steps)
                x = done(step, x, log_det, set);
            Tensor leaving = x, mean, log_sd;
            if (level + 1 == levels_.size()) {
                std::tie(mean, log_sd) = top_prior(flow.prior);
                log_det = log_det - log_sd.sum() * static_cast<double>(x.size(2) * x.size(3));
            } else {
                leaving = x.chunk(2, 1)[1];
                x = x.chunk(2, 1)[0];
                std::tie(mean, log_sd) = split_prior(flow.prior, x);
                log_det = log_det - log_sd.flatten(1).sum(1);
            }
            parts.push_back(((leaving - mean) * (-log_sd).exp()).flatten(1));
        }
        return {torch::cat(parts, 1), log_det};
    }

    Tensor scale(std::size_t log_scale) const { return (weight(log_scale) * log_rate).exp(); }

    std::pair<Tensor, Tensor> top_prior(const Prior& prior) const {
        const auto halves = (weight(prior.bias) * scale(prior.log_scale)).chunk(2, 0);
        return {per_channel(halves[0]), per_channel(halves[1])};
    }
    std::pair<Tensor, Tensor> split_prior(const Prior& prior, const Tensor& kept) const {
        const auto halves =
            convolution(kept, prior.weight, prior.bias, scale(prior.log_scale), 1).chunk(2, 1);
        return {halves[0], largest_log_sd * torch::tanh(halves[1] / largest_log_sd)};
    }

    /// (weight ∗ x + bias) · scale of each channel, as one convolution: the pictures are passed over once.
    Tensor convolution(const Tensor& x, std::size_t weights, std::size_t bias, const Tensor& scale,
                       std::int64_t padding) const {
        return torch::conv2d(x, weight(weights) * scale.view({-1, 1, 1, 1}), weight(bias) * scale, 1,
                             padding);
    }
    Tensor convolution(const Tensor& x, std::size_t weights, const Norm& norm, std::int64_t padding,
                       bool set) const {
        if (set) set_from(norm, torch::conv2d(x, weight(weights), {}, 1, padding));
        return convolution(x, weights, norm.bias, scale(norm.log_scale), padding);
    }

    void set_from(const Norm& norm, const Tensor& x) const {
        const Tensor mean = x.mean({0, 2, 3}), sd = (x - per_channel(mean)).square().mean({0, 2, 3}).sqrt();
        weight(norm.bias).copy_(-mean);
        weight(norm.log_scale).copy_(-(sd + 1e-6).log() / log_rate);
    }

    Tensor matrix(const Mixing& mixing) const {
        const Tensor &log_diagonal = weight(mixing.log_diagonal), &lower = weight(mixing.lower);
        const Tensor unit = torch::eye(log_diagonal.size(0));
        return buffer(mixing.permutation)
            .matmul(lower.tril(-1) + unit)
            .matmul(weight(mixing.upper).triu(1) + torch::diag(buffer(mixing.signs) * log_diagonal.exp()));
    }

    /// shift and the logarithm of the scale.
    std::pair<Tensor, Tensor> coupling(const Net& net, const Tensor& kept, bool set) const {
        Tensor hidden = convolution(kept, net.first, net.first_norm, 1, set);
        hidden = convolution(activate(model_.activation, hidden), net.second, net.second_norm, 0, set);
        hidden =
            convolution(activate(model_.activation, hidden), net.last, net.bias, scale(net.log_scale), 1);
        const auto halves = hidden.chunk(2, 1);
        return {halves[0], (least_scale + (1 - least_scale) * torch::sigmoid(halves[1] + 2)).log()};
    }

    Tensor done(const Step& step, const Tensor& x, Tensor& log_det, bool set) const {
        if (set) set_from(step.norm, x);
        const auto pixels = static_cast<double>(x.size(2) * x.size(3));
        const Tensor mixing = matrix(step.mixing) * scale(step.norm.log_scale);
        const Tensor y = torch::conv2d(x, mixing.view({mixing.size(0), mixing.size(1), 1, 1}),
                                       mixing.matmul(weight(step.norm.bias)));
        const auto halves = y.chunk(2, 1);
        const auto [shift, log_scale] = coupling(step.net, halves[0], set);
        log_det =
            log_det + log_scale.flatten(1).sum(1) +
            pixels * (weight(step.norm.log_scale).sum() * log_rate + weight(step.mixing.log_diagonal).sum());
        return torch::cat({halves[0], (halves[1] + shift) * log_scale.exp()}, 1);
    }

    Tensor undone(const Step& step, const Tensor& x) const {
        const auto halves = x.chunk(2, 1);
        const auto [shift, log_scale] = coupling(step.net, halves[0], false);
        Tensor y = torch::cat({halves[0], halves[1] * (-log_scale).exp() - shift}, 1);
        const Tensor inverse = torch::inverse(matrix(step.mixing).to(torch::kDouble)).to(torch::kFloat);
        y = torch::conv2d(y, inverse.view({inverse.size(0), inverse.size(1), 1, 1}));
        return y * per_channel((weight(step.norm.log_scale) * -log_rate).exp()) -
               per_channel(weight(step.norm.bias));
    }

    Settings::model_settings model_;
    Shape shape_;
    std::vector<Level> sizes_;
    std::vector<FlowLevel> levels_;
    Store store_; ///< the first buffer says whether initialise() was done, int64 [1]
};

constexpr double start_sd = 0.05; ///< of the convolutions before a normalisation

Norm add_norm(Store& store, const std::string& name, std::int64_t channels) {
    return {store.add(name + ".bias", torch::zeros({channels})),
            store.add(name + ".log_scale", torch::zeros({channels}))};
}

/// A random rotation as P L (U + diag).
Mixing add_mixing(Store& store, const std::string& name, std::int64_t channels, std::uint64_t seed) {
    const torch::NoGradGuard no_graph;
    const Tensor normal =
        normal_weights({channels, channels}, 1, seed, store.weights.size()).detach().to(torch::kDouble);
    const Tensor rotation = std::get<0>(torch::linalg_qr(normal));
    const auto [permutation, lower, upper] = torch::linalg_lu(rotation);
    const Tensor diagonal = upper.diagonal();
    return {store.add(name + ".lower", lower.tril(-1).to(torch::kFloat)),
            store.add(name + ".upper", upper.triu(1).to(torch::kFloat)),
            store.add(name + ".log_diagonal", diagonal.abs().log().to(torch::kFloat)),
            store.add_buffer(name + ".permutation", permutation.to(torch::kFloat).contiguous()),
            store.add_buffer(name + ".signs", diagonal.sign().to(torch::kFloat))};
}

Net add_net(Store& store, const std::string& name, std::int64_t channels, std::int64_t width,
            std::uint64_t seed) {
    const auto convolution = [&](const char* part, const Shape& shape) {
        return store.add(name + part, normal_weights(shape, start_sd, seed, store.weights.size()));
    };
    Net net;
    net.first = convolution(".first.weight", {width, channels / 2, 3, 3});
    net.first_norm = add_norm(store, name + ".first", width);
    net.second = convolution(".second.weight", {width, width, 1, 1});
    net.second_norm = add_norm(store, name + ".second", width);
    net.last = store.add(name + ".last.weight", torch::zeros({channels, width, 3, 3}));
    net.bias = store.add(name + ".last.bias", torch::zeros({channels}));
    net.log_scale = store.add(name + ".last.log_scale", torch::zeros({channels}));
    return net;
}

Prior add_prior(Store& store, const std::string& name, std::int64_t channels, bool top) {
    Prior prior{};
    if (!top) prior.weight = store.add(name + ".weight", torch::zeros({channels, channels / 2, 3, 3}));
    const std::int64_t outputs = top ? 2 * channels : channels;
    prior.bias = store.add(name + ".bias", torch::zeros({outputs}));
    prior.log_scale = store.add(name + ".log_scale", torch::zeros({outputs}));
    return prior;
}

} // namespace

std::shared_ptr<Flow> make_glow(const Settings& settings, const Shape& shape, std::uint64_t seed) {
    const std::vector<Level> sizes = levels_of(settings, shape);
    Store store;
    store.add_buffer("initialised", torch::zeros({1}, torch::kLong));
    std::vector<FlowLevel> levels;
    for (std::size_t level = 0; level < sizes.size(); ++level) {
        FlowLevel flow;
        for (int step = 0; step < settings.model.flow_steps; ++step) {
            const std::string name = fmt::format("levels.{}.steps.{}", level, step);
            Step parts;
            parts.norm = add_norm(store, name + ".norm", sizes[level].channels);
            parts.mixing = add_mixing(store, name + ".mixing", sizes[level].channels, seed);
            parts.net = add_net(store, name + ".net", sizes[level].channels, settings.model.width, seed);
            flow.steps.push_back(parts);
        }
        flow.prior = add_prior(store, fmt::format("levels.{}.prior", level), sizes[level].channels,
                               level + 1 == sizes.size());
        levels.push_back(std::move(flow));
    }
    return std::make_shared<Glow>(settings.model, shape, sizes, std::move(levels), std::move(store));
}

std::vector<network::LayerFacts> glow_layers(const Settings& settings, const Shape& shape) {
    const std::vector<Level> sizes = levels_of(settings, shape);
    std::vector<network::LayerFacts> list;
    const std::int64_t width = settings.model.width;
    for (std::size_t level = 0; level < sizes.size(); ++level) {
        const Level& size = sizes[level];
        const std::int64_t channels = size.channels;
        const auto add = [&](const std::string& name, const char* operation, std::int64_t results,
                             std::int64_t parameters, std::int64_t weights) {
            list.push_back(
                {name,
                 operation,
                 {static_cast<int>(results), static_cast<int>(size.height), static_cast<int>(size.width)},
                 parameters,
                 weights * size.height * size.width});
        };
        for (int step = 0; step < settings.model.flow_steps; ++step) {
            const std::string name = fmt::format("levels.{}.steps.{}", level, step);
            add(name + ".norm", "normalisation", channels, 2 * channels, 0);
            add(name + ".mixing", "invertible convolution 1 × 1", channels,
                2 * channels * channels + channels, channels * channels);
            const std::int64_t first = 9 * width * (channels / 2), second = width * width,
                               last = 9 * channels * width;
            add(name + ".net.first", "convolution 3 × 3", width, first + 2 * width, first);
            add(name + ".net.second", "convolution 1 × 1", width, second + 2 * width, second);
            add(name + ".net.last", "convolution 3 × 3", channels, last + 2 * channels, last);
            add(name, "affine coupling", channels, 0, 0);
        }
        const bool top = level + 1 == sizes.size();
        const std::int64_t weights = top ? 0 : 9 * channels * (channels / 2);
        add(fmt::format("levels.{}.prior", level), top ? "prior" : "convolution 3 × 3, prior", channels,
            weights + (top ? 4 : 2) * channels, weights);
    }
    return list;
}

} // namespace ebm
