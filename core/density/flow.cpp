#include "core/density/flow.h"

#include "core/base/error.h"
#include "core/density/noise.h"
#include "core/energy/registry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ebm {
namespace {

using torch::Tensor;

constexpr double levels = 256;                  ///< of an 8-bit value
constexpr std::int64_t flow_drawn_at_once = 64; ///< pictures that are decoded together

Shape one_row(const Shape& shape) {
    Shape rows = shape;
    rows.insert(rows.begin(), 1);
    return rows;
}

} // namespace

std::string Flow::bound() const {
    return exact() ? std::string()
                   : "pictures get one fixed noise below the 8-bit step; a bound on average over it";
}

Tensor Flow::with_noise(const Tensor& x, const Tensor& noise) const {
    return ((x + 1) * ((levels - 1) / 2) + noise) / levels - 0.5;
}

Tensor Flow::with_fixed_noise(const Tensor& x) const {
    if (exact()) return x;
    return with_noise(x, uniform_noise(1, sample_shape(), {0, DensityUse::value}));
}

Tensor Flow::negative_log_likelihood(const Tensor& y) const {
    const Encoded encoded = encode(y);
    const auto elements = static_cast<double>(encoded.z.size(1));
    const double constant =
        elements * (0.5 * std::log(2 * std::numbers::pi) + (exact() ? 0.0 : std::log(levels)));
    return 0.5 * encoded.z.square().sum(1) - encoded.log_det + constant;
}

Tensor Flow::value(const Batch& batch) const {
    return negative_log_likelihood(with_fixed_noise(batch.x));
}

Tensor Flow::training_loss(const Batch& batch, std::uint64_t seed, std::int64_t iteration) const {
    if (exact()) return negative_log_likelihood(batch.x).mean();
    const Tensor noise = uniform_noise(batch.size(), sample_shape(), {seed, DensityUse::training, iteration});
    return negative_log_likelihood(with_noise(batch.x, noise)).mean();
}

/// Pictures come back as the 8-bit values that they stand for.
Tensor Flow::draw(std::int64_t count, std::uint64_t seed, const Tensor& /*labels*/) const {
    const torch::NoGradGuard no_graph;
    const std::int64_t elements = torch::empty(one_row(sample_shape())).numel();
    const Tensor noise = normal_noise(count, {elements}, {seed, DensityUse::draw});
    std::vector<Tensor> parts;
    const std::int64_t piece = exact() ? std::max<std::int64_t>(1, count) : flow_drawn_at_once;
    for (std::int64_t first = 0; first < count || first == 0; first += piece)
        parts.push_back(decode(noise.slice(0, first, std::min(count, first + piece))));
    const Tensor y = torch::cat(parts);
    if (exact()) return y;
    return ((y + 0.5) * levels).floor_().clamp_(0, levels - 1).mul_(2 / (levels - 1)).sub_(1);
}

namespace {

void require_flow(int classes) {
    if (classes > 0)
        throw Error("The energy 'flow' has no classes", "setting model.conditional",
                    "Choose the energy 'mlp' or 'residual', or set model.conditional=false.");
}

std::shared_ptr<Energy> make_flow(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                  int classes) {
    require_flow(classes);
    if (shape == Shape{2}) return make_plane_flow(settings, seed);
    return make_glow(settings, shape, seed);
}

std::vector<network::LayerFacts> flow_layers(const Settings& settings, const Shape& shape, int classes) {
    require_flow(classes);
    return shape == Shape{2} ? plane_flow_layers(settings) : glow_layers(settings, shape);
}

} // namespace

EnergyEntry flow_energy() {
    return {{"flow",
             "Normalising flow",
             "A chain of invertible steps from samples to normal noise: a density without chains, Glow on "
             "pictures.",
             false,
             true,
             {},
             -4,
             4,
             true},
            make_flow,
            flow_layers};
}

} // namespace ebm
