#include "core/density/logistic_mixture.h"

#include "core/density/noise.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ebm {
namespace {

constexpr double lowest_log_scale = -7, highest_log_scale = 7;

} // namespace

/// The mass of a bin is log(σ(a) − σ(b)) with a, b = (x − mean ± half) / scale. It is taken as
/// log σ(a) + log σ(−b) + log(1 − e^(b − a)), which neither cancels nor divides by zero, whatever a and b
/// are. A tail lacks one of the first two terms, and the last.
torch::Tensor LogisticMixture::log_probability(const torch::Tensor& x,
                                               const torch::Tensor& parameters) const {
    const double half = 1.0 / (levels - 1);
    const std::int64_t k = components, c = channels;
    const torch::Tensor logits = parameters.narrow(1, 0, k);                   // [N, K, H, W]
    torch::Tensor means = parameters.narrow(1, k, c * k).unflatten(1, {c, k}); // [N, C, K, H, W]
    const torch::Tensor log_scales = parameters.narrow(1, k + c * k, c * k)
                                         .unflatten(1, {c, k})
                                         .clamp(lowest_log_scale, highest_log_scale);
    if (c > 1) {
        const torch::Tensor coefficients =
            parameters.narrow(1, k + 2 * c * k, k * c * (c - 1) / 2).unflatten(1, {-1, k}).tanh();
        std::vector<torch::Tensor> shifted = {means.select(1, 0)};
        std::int64_t pair = 0;
        for (std::int64_t to = 1; to < c; ++to) {
            torch::Tensor mean = means.select(1, to);
            for (std::int64_t from = 0; from < to; ++from)
                mean = mean + coefficients.select(1, pair++) * x.select(1, from).unsqueeze(1);
            shifted.push_back(mean);
        }
        means = torch::stack(shifted, 1);
    }
    const torch::Tensor colours = x.unsqueeze(2); // [N, C, 1, H, W]
    const torch::Tensor inverse = (-log_scales).exp();
    const torch::Tensor centre = (colours - means) * inverse, width = inverse * half;
    const torch::Tensor at = colours.detach();
    const torch::Tensor not_darkest = at.gt(-1 + half / 4).to(torch::kFloat);
    const torch::Tensor not_brightest = at.lt(1 - half / 4).to(torch::kFloat);
    const torch::Tensor mass = torch::log_sigmoid(centre + width) * not_brightest +
                               torch::log_sigmoid(width - centre) * not_darkest +
                               torch::log(-torch::expm1(-2 * width)) * (not_darkest * not_brightest);
    return torch::logsumexp(mass.sum(1) + torch::log_softmax(logits, 1), 1);
}

void LogisticMixture::draw(const float* parameters, const float* uniforms, float* values) const {
    const int k = components;
    float highest = parameters[0];
    for (int i = 1; i < k; ++i)
        highest = std::max(highest, parameters[i]);
    double total = 0;
    for (int i = 0; i < k; ++i)
        total += std::exp(static_cast<double>(parameters[i] - highest));
    double rest = uniforms[0] * total;
    int chosen = 0;
    while (chosen + 1 < k && (rest -= std::exp(static_cast<double>(parameters[chosen] - highest))) >= 0)
        ++chosen;
    const float *means = parameters + k, *log_scales = means + channels * k;
    const float* coefficients = log_scales + channels * k;
    for (int to = 0, pair = 0; to < channels; ++to) {
        double mean = means[to * k + chosen];
        for (int from = 0; from < to; ++from, ++pair)
            mean += std::tanh(static_cast<double>(coefficients[pair * k + chosen])) * values[from];
        const double scale =
            std::exp(std::clamp<double>(log_scales[to * k + chosen], lowest_log_scale, highest_log_scale));
        const double u = uniforms[1 + to] + 0x1p-25;
        const double value = std::clamp(mean + scale * std::log(u / (1 - u)), -1.0, 1.0);
        values[to] = static_cast<float>(std::round((value + 1) / 2 * (levels - 1)) * 2 / (levels - 1) - 1);
    }
}

torch::Tensor LogisticMixture::draw(const torch::Tensor& parameters, const torch::Tensor& uniforms) const {
    const std::int64_t n = parameters.size(0), h = parameters.size(2), w = parameters.size(3);
    const torch::Tensor by_pixel = parameters.detach().permute({0, 2, 3, 1}).contiguous();
    const torch::Tensor numbers = uniforms.contiguous();
    torch::Tensor pictures = torch::empty({n, h, w, channels});
    for (std::int64_t pixel = 0; pixel < n * h * w; ++pixel)
        draw(by_pixel.data_ptr<float>() + pixel * outputs(), numbers.data_ptr<float>() + 4 * pixel,
             pictures.data_ptr<float>() + pixel * channels);
    return pictures.permute({0, 3, 1, 2}).contiguous();
}

torch::Tensor LogisticMixture::uniforms(std::int64_t count, std::int64_t pixels, std::uint64_t seed) {
    return uniform_noise(count, {pixels, 4}, {seed, DensityUse::draw, 0, 2});
}

} // namespace ebm
