#include "core/density/vae.h"

#include "core/base/error.h"
#include "core/density/chunks.h"
#include "core/density/noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace ebm {
namespace {

const double half_log_two_pi = 0.5 * std::log(2 * std::numbers::pi);

/// Samples whose draws are decoded at once when nothing is trained.
std::int64_t chunk(const VaeSpec& spec) {
    const std::int64_t decoded = spec.shape.size() == 1 ? 65536 : 512;
    return std::max<std::int64_t>(1, decoded / spec.draws);
}

/// Samples are decoded so many at a time, the last ones with others to fill up, because the rounding of a
/// convolution depends on how many pictures it is of.
constexpr std::int64_t vae_drawn_at_once = 16;

struct VaeLayer {
    std::string name;
    Shape weight; ///< [out, in] or [out, in, rows, columns]
    network::NodeShape result;
    bool grows = false; ///< a transposed convolution of stride 2
};

std::int64_t halved(std::int64_t side, int times) {
    for (; times > 0; --times)
        side = (side + 1) / 2;
    return side;
}

network::NodeShape node_shape(std::int64_t channels, std::int64_t height = 1, std::int64_t width = 1) {
    return {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
}

std::vector<VaeLayer> plane_layers(const VaeSpec& spec) {
    std::vector<VaeLayer> list;
    for (const bool encoder : {true, false}) {
        const std::string name = encoder ? "encoder." : "decoder.";
        std::int64_t in = encoder ? spec.shape[0] : spec.latent;
        for (int i = 0; i <= spec.layers; ++i) {
            const std::int64_t last = 2 * (encoder ? spec.latent : spec.shape[0]);
            const std::int64_t out = i < spec.layers ? spec.width : last;
            list.push_back({name + std::to_string(i), {out, in}, node_shape(out)});
            in = out;
        }
    }
    return list;
}

std::vector<VaeLayer> picture_layers(const VaeSpec& spec) {
    std::vector<VaeLayer> list;
    const std::int64_t h = spec.shape[1], w = spec.shape[2];
    const int n = spec.layers;
    std::int64_t in = spec.shape[0];
    for (int i = 0; i < n; ++i) {
        const std::int64_t out = static_cast<std::int64_t>(spec.width) << i;
        list.push_back({"encoder." + std::to_string(i),
                        {out, in, 3, 3},
                        node_shape(out, halved(h, i + 1), halved(w, i + 1))});
        in = out;
    }
    const std::int64_t deepest = in * halved(h, n) * halved(w, n);
    list.push_back({"encoder." + std::to_string(n), {2 * spec.latent, deepest}, node_shape(2 * spec.latent)});
    list.push_back({"decoder.0", {deepest, spec.latent}, node_shape(in, halved(h, n), halved(w, n))});
    for (int i = n - 1; i >= 0; --i) {
        const std::int64_t out = std::max<std::int64_t>(1, (static_cast<std::int64_t>(spec.width) << i) / 2);
        list.push_back({"decoder." + std::to_string(n - i),
                        {out, in, 4, 4},
                        node_shape(out, halved(h, i), halved(w, i)),
                        true});
        in = out;
    }
    const std::int64_t outputs = LogisticMixture{static_cast<int>(spec.shape[0]), spec.components}.outputs();
    list.push_back({"decoder." + std::to_string(n + 1), {outputs, in, 3, 3}, node_shape(outputs, h, w)});
    return list;
}

std::vector<VaeLayer> layers_of(const VaeSpec& spec) {
    if (spec.shape.size() == 1) return plane_layers(spec);
    if (spec.shape.size() != 3 || spec.shape[0] > 3)
        throw Error("A variational autoencoder reads points of the plane or pictures of 1 to 3 channels",
                    "setting model.energy", "Choose other data, or another model.");
    return picture_layers(spec);
}

} // namespace

std::vector<network::LayerFacts> Vae::layers(const VaeSpec& spec) {
    std::vector<network::LayerFacts> list;
    for (const VaeLayer& layer : layers_of(spec)) {
        network::LayerFacts facts;
        facts.name = layer.name;
        facts.operation = layer.weight.size() == 2 ? "linear"
                          : layer.grows            ? "transposed convolution 4 × 4"
                                                   : "convolution 3 × 3";
        facts.shape = layer.result;
        std::int64_t weights = 1;
        for (const std::int64_t size : layer.weight)
            weights *= size;
        facts.parameters = weights + layer.weight[0];
        // A transposed convolution of stride 2 spreads each input over four outputs.
        facts.multiply_adds = weights *
                              (layer.weight.size() == 2 ? 1 : layer.result.height * layer.result.width) /
                              (layer.grows ? 4 : 1);
        list.push_back(std::move(facts));
    }
    return list;
}

Vae::Vae(const VaeSpec& spec, std::uint64_t seed) : spec_(spec), seed_(seed) {
    for (const VaeLayer& layer : layers_of(spec))
        add_layer(weights_, layer.name, layer.weight, seed);
    if (!plane()) return;
    // Began as wide as the data, the decoder would learn first that z is not worth reading.
    const torch::NoGradGuard no_graph;
    weights_.back().second.narrow(0, spec.shape[0], spec.shape[0]).fill_(-1);
}

std::string Vae::bound() const {
    return fmt::format("by importance sampling with {} fixed {}; a bound on average over them", spec_.draws,
                       spec_.draws == 1 ? "draw" : "draws");
}

Vae::Gaussian Vae::encode(const torch::Tensor& x) const {
    const auto layers = static_cast<std::size_t>(spec_.layers);
    torch::Tensor hidden = x;
    for (std::size_t i = 0; i < layers; ++i)
        hidden = torch::silu(plane() ? torch::linear(hidden, weight(i), bias(i))
                                     : torch::conv2d(hidden, weight(i), bias(i), 2, 1));
    const torch::Tensor numbers = torch::linear(hidden.flatten(1), weight(layers), bias(layers));
    return {numbers.narrow(1, 0, spec_.latent), numbers.narrow(1, spec_.latent, spec_.latent).clamp(-7, 7)};
}

torch::Tensor Vae::decode(const torch::Tensor& z) const {
    const auto first = static_cast<std::size_t>(spec_.layers) + 1;
    torch::Tensor hidden = z;
    if (plane()) {
        for (int i = 0; i < spec_.layers; ++i) {
            const std::size_t layer = first + static_cast<std::size_t>(i);
            hidden = torch::silu(torch::linear(hidden, weight(layer), bias(layer)));
        }
        const std::size_t last = 2 * first - 1;
        return torch::linear(hidden, weight(last), bias(last));
    }
    hidden = torch::silu(torch::linear(hidden, weight(first), bias(first)))
                 .view({z.size(0), -1, halved(spec_.shape[1], spec_.layers),
                        halved(spec_.shape[2], spec_.layers)});
    std::size_t layer = first + 1;
    for (int i = spec_.layers - 1; i >= 0; --i, ++layer) {
        hidden = torch::conv_transpose2d(hidden, weight(layer).transpose(0, 1), bias(layer), 2, 1);
        hidden =
            torch::silu(hidden.slice(2, 0, halved(spec_.shape[1], i)).slice(3, 0, halved(spec_.shape[2], i)));
    }
    return torch::conv2d(hidden, weight(layer), bias(layer), 1, 1);
}

torch::Tensor Vae::log_likelihood(const torch::Tensor& x, const torch::Tensor& decoded) const {
    if (plane()) {
        const std::int64_t d = spec_.shape[0];
        const torch::Tensor log_sd = decoded.narrow(1, d, d).clamp(-7, 7);
        const torch::Tensor distance = (x - decoded.narrow(1, 0, d)) * (-log_sd).exp();
        return -(0.5 * distance.square() + log_sd + half_log_two_pi).sum(1);
    }
    const LogisticMixture mixture{static_cast<int>(spec_.shape[0]), spec_.components};
    return mixture.log_probability(x, decoded).sum({1, 2});
}

torch::Tensor Vae::lower_bound(const torch::Tensor& x, int k, std::uint64_t seed) const {
    const std::int64_t n = x.size(0), latent = spec_.latent;
    const torch::Tensor noise = normal_noise(k, {latent}, {seed, DensityUse::value});
    const Gaussian q = encode(x);
    const torch::Tensor z = q.mean.unsqueeze(1) + q.log_sd.exp().unsqueeze(1) * noise; // [N, k, latent]
    Shape repeated = x.sizes().vec();
    repeated.insert(repeated.begin() + 1, k);
    const torch::Tensor likelihood =
        log_likelihood(x.unsqueeze(1).expand(repeated).flatten(0, 1), decode(z.flatten(0, 1))).view({n, k});
    const torch::Tensor ratio = (0.5 * noise.square() - 0.5 * z.square() + q.log_sd.unsqueeze(1)).sum(2);
    return torch::logsumexp(likelihood + ratio, 1) - std::log(static_cast<double>(k));
}

torch::Tensor Vae::value(const Batch& batch) const {
    return value_by_chunks(batch.x, chunk(spec_),
                           [this](const torch::Tensor& x) { return -lower_bound(x, spec_.draws, seed_); });
}

ValueAndGradient Vae::value_and_gradient(const Batch& batch) const {
    return gradient_by_chunks(batch.x, chunk(spec_),
                              [this](const torch::Tensor& x) { return Density::value_and_gradient(x); });
}

torch::Tensor Vae::training_loss(const Batch& batch, std::uint64_t seed, std::int64_t iteration) const {
    const Gaussian q = encode(batch.x);
    const torch::Tensor noise =
        normal_noise(batch.size(), {spec_.latent}, {seed, DensityUse::training, iteration});
    const torch::Tensor z = q.mean + q.log_sd.exp() * noise;
    const torch::Tensor divergence = (0.5 * (q.mean.square() + (2 * q.log_sd).exp() - 1) - q.log_sd).sum(1);
    const double weight =
        spec_.warm_up == 0 ? 1 : std::min(1.0, static_cast<double>(iteration) / spec_.warm_up);
    return (weight * divergence - log_likelihood(batch.x, decode(z))).mean();
}

torch::Tensor Vae::draw(std::int64_t count, std::uint64_t seed, const torch::Tensor&) const {
    const torch::NoGradGuard no_graph;
    const std::int64_t padded = (count + vae_drawn_at_once - 1) / vae_drawn_at_once * vae_drawn_at_once;
    const torch::Tensor z = normal_noise(padded, {spec_.latent}, {seed, DensityUse::draw});
    const torch::Tensor noise =
        plane() ? normal_noise(count, spec_.shape, {seed, DensityUse::draw, 0, 1}) : torch::Tensor();
    const torch::Tensor uniforms =
        plane() ? torch::Tensor() : LogisticMixture::uniforms(count, spec_.shape[1] * spec_.shape[2], seed);
    std::vector<torch::Tensor> parts;
    for (std::int64_t first = 0; first < count; first += vae_drawn_at_once) {
        const std::int64_t n = std::min(vae_drawn_at_once, count - first);
        const torch::Tensor decoded = decode(z.narrow(0, first, vae_drawn_at_once)).narrow(0, 0, n);
        if (plane()) {
            const std::int64_t d = spec_.shape[0];
            parts.push_back(decoded.narrow(1, 0, d) +
                            decoded.narrow(1, d, d).clamp(-7, 7).exp() * noise.narrow(0, first, n));
        } else {
            const LogisticMixture mixture{static_cast<int>(spec_.shape[0]), spec_.components};
            parts.push_back(mixture.draw(decoded, uniforms.narrow(0, first, n)));
        }
    }
    Shape empty = spec_.shape;
    empty.insert(empty.begin(), 0);
    return parts.empty() ? torch::empty(empty) : torch::cat(parts);
}

std::shared_ptr<Energy> Vae::clone() const {
    auto copy = std::make_shared<Vae>(*this);
    copy->weights_ = copy_weights(weights_);
    return copy;
}

} // namespace ebm
