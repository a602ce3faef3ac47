#include "core/density/pixelcnn.h"

#include "core/base/random.h"
#include "core/density/chunks.h"
#include "core/density/pixelcnn_sampler.h"

namespace ebm {
namespace {

using Kind = PixelCnnNode::Kind;

/// Pictures whose activations are held at once when nothing is trained.
constexpr std::int64_t pixelcnn_chunk = 32;

} // namespace

PixelCnn::PixelCnn(const PixelCnnSpec& spec, std::uint64_t seed)
    : spec_(spec), plan_(pixelcnn_plan(spec)), initialised_(torch::zeros({1})) {
    for (const PixelCnnNode& node : plan_) {
        if (node.layer < 0) continue;
        const std::int64_t in = plan_[static_cast<std::size_t>(node.a)].channels;
        weights_.emplace_back(
            node.name + ".direction",
            normal_weights({node.channels, in, node.rows, node.columns}, 0.05, seed, weights_.size()));
        weights_.emplace_back(node.name + ".gain", torch::ones({node.channels}).requires_grad_(true));
        weights_.emplace_back(node.name + ".bias", torch::zeros({node.channels}).requires_grad_(true));
    }
}

Shape PixelCnn::sample_shape() const {
    return {spec_.channels, spec_.height, spec_.width};
}

PixelCnn::Layer PixelCnn::layer(const PixelCnnNode& node) const {
    const std::size_t first = 3 * static_cast<std::size_t>(node.layer);
    return {weights_[first].second, weights_[first + 1].second, weights_[first + 2].second};
}

/// With `initialise` each layer's gain and bias are set so that its results have mean 0 and standard
/// deviation `gain` of the node, before what follows is computed.
torch::Tensor PixelCnn::run(const torch::Tensor& x, bool initialise) const {
    std::vector<torch::Tensor> results(plan_.size());
    std::vector<std::size_t> last_use(plan_.size(), 0);
    for (std::size_t n = 0; n < plan_.size(); ++n)
        for (const int from : {plan_[n].a, plan_[n].b})
            if (from >= 0) last_use[static_cast<std::size_t>(from)] = n;
    for (std::size_t n = 0; n < plan_.size(); ++n) {
        const PixelCnnNode& node = plan_[n];
        const torch::Tensor a = node.a >= 0 ? results[static_cast<std::size_t>(node.a)] : torch::Tensor();
        const torch::Tensor b = node.b >= 0 ? results[static_cast<std::size_t>(node.b)] : torch::Tensor();
        const auto apply = [&](const torch::Tensor& weight, const torch::Tensor& bias) {
            if (node.kind == Kind::upsampling) {
                const torch::Tensor grown = torch::conv_transpose2d(a, weight.transpose(0, 1), bias, 2,
                                                                    {0, -node.dx}, {0, node.columns - 2});
                return grown.slice(2, 0, side_at(spec_.height, node.level))
                    .slice(3, 0, side_at(spec_.width, node.level));
            }
            // Zeros around what the kernel reads; a negative number cuts.
            const std::int64_t left = -node.dx, right = node.columns - 1 + node.dx, top = -node.dy,
                               bottom = node.rows - 1 + node.dy;
            const bool whole = left == 0 && right == 0 && top == 0 && bottom == 0;
            return torch::conv2d(whole ? a : torch::constant_pad_nd(a, {left, right, top, bottom}), weight,
                                 bias, node.stride);
        };
        torch::Tensor& result = results[n];
        switch (node.kind) {
        case Kind::input:
            result = torch::cat({x, torch::ones_like(x.narrow(1, 0, 1))}, 1);
            break;
        case Kind::convolution:
        case Kind::upsampling: {
            const Layer weights = layer(node);
            if (initialise) {
                const torch::Tensor plain =
                    apply(torch::_weight_norm(weights.direction,
                                              torch::ones_like(weights.gain).view({-1, 1, 1, 1})),
                          {});
                const torch::Tensor mean = plain.mean({0, 2, 3});
                const torch::Tensor sd = plain.std({0, 2, 3}, false);
                const torch::Tensor gain = node.gain / torch::where(sd.gt(0.05), sd, torch::ones_like(sd));
                weights.gain.copy_(gain);
                weights.bias.copy_(-mean * gain);
            }
            result =
                apply(torch::_weight_norm(weights.direction, weights.gain.view({-1, 1, 1, 1})), weights.bias);
            break;
        }
        case Kind::activation:
            result = torch::elu(torch::cat({a, -a}, 1));
            break;
        case Kind::rectified:
            result = torch::elu(a);
            break;
        case Kind::add:
            result = a + b;
            break;
        case Kind::gate:
            result = a + torch::glu(b, 1);
            break;
        case Kind::concatenate:
            result = torch::cat({a, b}, 1);
            break;
        }
        for (const int from : {node.a, node.b})
            if (from >= 0 && last_use[static_cast<std::size_t>(from)] == n)
                results[static_cast<std::size_t>(from)] = torch::Tensor();
    }
    return results.back();
}

torch::Tensor PixelCnn::predict(const torch::Tensor& x) const {
    return run(x, false);
}

torch::Tensor PixelCnn::value(const Batch& batch) const {
    return value_by_chunks(batch.x, pixelcnn_chunk, [this](const torch::Tensor& x) {
        return -spec_.mixture().log_probability(x, predict(x)).sum({1, 2});
    });
}

ValueAndGradient PixelCnn::value_and_gradient(const Batch& batch) const {
    return gradient_by_chunks(batch.x, pixelcnn_chunk,
                              [this](const torch::Tensor& x) { return Density::value_and_gradient(x); });
}

torch::Tensor PixelCnn::training_loss(const Batch& batch, std::uint64_t, std::int64_t) const {
    return value(batch).mean();
}

void PixelCnn::initialise(const Batch& batch) {
    if (initialised_.item<float>() != 0) return;
    const torch::NoGradGuard no_graph;
    run(batch.x, true);
    initialised_.fill_(1);
}

torch::Tensor PixelCnn::draw(std::int64_t count, std::uint64_t seed, const torch::Tensor&) const {
    const auto drawing = start_drawing(count, seed);
    // Row by row: what a picture needs stays in the cache.
    while (drawing->advance(spec_.width)) {
    }
    return drawing->samples();
}

std::unique_ptr<Drawing> PixelCnn::start_drawing(std::int64_t count, std::uint64_t seed,
                                                 const torch::Tensor&) const {
    return std::make_unique<PixelDrawing>(PixelCnnSampler(spec_, plan_, weights_), count, seed);
}

std::shared_ptr<Energy> PixelCnn::clone() const {
    auto copy = std::make_shared<PixelCnn>(*this);
    copy->weights_ = copy_weights(weights_);
    copy->initialised_ = initialised_.clone();
    return copy;
}

} // namespace ebm
