#include "core/density/pixelcnn.h"

#include "core/base/random.h"
#include "core/density/chunks.h"
#include "core/density/pixelcnn_sampler.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace ebm {
namespace {

using Kind = PixelCnnNode::Kind;

/// Pictures whose activations are held at once when nothing is trained.
constexpr std::int64_t chunk = 32;

/// Zeros that a kernel of `node` needs around what it reads; a negative bottom cuts.
struct Pad {
    std::int64_t left = 0, right = 0, top = 0, bottom = 0;
    explicit Pad(const PixelCnnNode& node)
        : left(-node.dx), right(node.columns - 1 + node.dx), top(-node.dy), bottom(node.rows - 1 + node.dy) {}
};

/// elu of x and −x; less: e^−|x|.
void elu_of_both(const float* __restrict x, const float* __restrict less, float* __restrict one,
                 float* __restrict other, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        const float below = less[i] - 1;
        one[i] = x[i] > 0 ? x[i] : below;
        other[i] = x[i] > 0 ? below : -x[i];
    }
}

/// The derivative of elu is 1 above zero and elu + 1 below.
void slope_of_both(const float* __restrict slope, const float* __restrict other_slope,
                   const float* __restrict elu, const float* __restrict other_elu, float* __restrict out,
                   std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        out[i] = slope[i] * std::min(elu[i] + 1, 1.0f) - other_slope[i] * std::min(other_elu[i] + 1, 1.0f);
}

/// elu of x and of −x side by side with zeros around, x: [N, C, H, W]: one pass over memory where LibTorch's
/// operations make five. left, right, top: at least 0.
class ConcatElu : public torch::autograd::Function<ConcatElu> {
public:
    static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& input,
                                 std::int64_t left, std::int64_t right, std::int64_t top) {
        const torch::Tensor x = input.contiguous(), below = x.abs().neg_().exp_();
        const std::int64_t n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
        const std::int64_t height = h + top, width = w + left + right;
        torch::Tensor result = torch::empty({n, 2 * c, height, width});
        const float *from = x.data_ptr<float>(), *exponentials = below.data_ptr<float>();
        float* to = result.data_ptr<float>();
        at::parallel_for(0, n * c, 8, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t plane = begin; plane < end; ++plane) {
                float* first = to + (plane / c * 2 * c + plane % c) * height * width;
                float* second = first + c * height * width;
                for (float* half : {first, second})
                    std::fill_n(half, top * width, 0.0f);
                for (std::int64_t row = 0; row < h; ++row) {
                    const float* values = from + (plane * h + row) * w;
                    const float* less = exponentials + (plane * h + row) * w;
                    float *one = first + (row + top) * width, *other = second + (row + top) * width;
                    for (float* half : {one, other}) {
                        std::fill_n(half, left, 0.0f);
                        std::fill_n(half + left + w, right, 0.0f);
                    }
                    elu_of_both(values, less, one + left, other + left, w);
                }
            }
        });
        context->save_for_backward({result});
        context->saved_data["left"] = left;
        context->saved_data["right"] = right;
        context->saved_data["top"] = top;
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const torch::Tensor slopes = gradients[0].contiguous(), result = context->get_saved_variables()[0];
        const std::int64_t left = context->saved_data["left"].toInt(),
                           right = context->saved_data["right"].toInt();
        const std::int64_t top = context->saved_data["top"].toInt();
        const std::int64_t n = result.size(0), c = result.size(1) / 2, height = result.size(2),
                           width = result.size(3);
        const std::int64_t h = height - top, w = width - left - right;
        torch::Tensor gradient = torch::empty({n, c, h, w});
        const float *slope = slopes.data_ptr<float>(), *elu = result.data_ptr<float>();
        float* to = gradient.data_ptr<float>();
        at::parallel_for(0, n * c, 8, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t plane = begin; plane < end; ++plane)
                for (std::int64_t row = 0; row < h; ++row) {
                    const std::int64_t one =
                        ((plane / c * 2 * c + plane % c) * height + row + top) * width + left;
                    const std::int64_t other = one + c * height * width;
                    float* out = to + (plane * h + row) * w;
                    slope_of_both(slope + one, slope + other, elu + one, elu + other, out, w);
                }
        });
        return {gradient, torch::Tensor(), torch::Tensor(), torch::Tensor()};
    }
};

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
    // Each activation is read by one kernel, whose padding it brings.
    std::vector<Pad> pads(plan_.size(), Pad({}));
    for (const PixelCnnNode& node : plan_)
        if (node.layer >= 0) pads[static_cast<std::size_t>(node.a)] = Pad(node);
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
            const bool padded = node.rows * node.columns == 1 ||
                                plan_[static_cast<std::size_t>(node.a)].kind == Kind::activation;
            const Pad pad(node);
            return torch::conv2d(
                padded ? a : torch::constant_pad_nd(a, {pad.left, pad.right, pad.top, pad.bottom}), weight,
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
            result = ConcatElu::apply(a, pads[n].left, pads[n].right, pads[n].top);
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
    return value_by_chunks(batch.x, chunk, [this](const torch::Tensor& x) {
        return -spec_.mixture().log_probability(x, predict(x)).sum({1, 2});
    });
}

ValueAndGradient PixelCnn::value_and_gradient(const Batch& batch) const {
    return gradient_by_chunks(batch.x, chunk,
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
