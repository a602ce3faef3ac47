#include "core/sample/sampler.h"

#include "core/base/error.h"
#include "core/settings/settings.h"

#include <cmath>

#include <fmt/format.h>

namespace ebm {

kernels::StepSettings step_settings(const Settings& settings) {
    const auto& sampler = settings.sampler;
    kernels::StepSettings step;
    const bool published = sampler.kind == SamplerKind::langevin && sampler.mode == SamplerMode::published;
    step.rule = published                           ? kernels::Rule::published
                : sampler.kind == SamplerKind::mala ? kernels::Rule::mala
                                                    : kernels::Rule::langevin;
    step.drift = static_cast<float>(published ? sampler.step_size : sampler.step_size / 2);
    step.noise = static_cast<float>(published ? sampler.noise : std::sqrt(sampler.step_size));
    step.spread = static_cast<float>(sampler.step_spread);
    step.gradient_clip = static_cast<float>(sampler.gradient_clip);
    step.drift_limit = static_cast<float>(sampler.drift_limit);
    step.box = sampler.box;
    step.box_low = static_cast<float>(sampler.box_low);
    step.box_high = static_cast<float>(sampler.box_high);
    step.jump_share = sampler.box ? static_cast<float>(sampler.jump_share) : 0.0f;
    return step;
}

double implied_temperature(const kernels::StepSettings& step) {
    if (step.rule == kernels::Rule::mala) return 1.0;
    return static_cast<double>(step.noise) * step.noise / (2.0 * step.drift);
}

ChainState advance(const Energy& energy, const torch::Tensor& x, const kernels::StepSettings& step,
                   const random::Place& first, int steps, kernels::StepReport& report) {
    return advance_reference(energy, x, step, first, steps, report);
}

torch::Tensor uniform_samples(std::int64_t count, const Shape& shape, float low, float high,
                              const random::Place& first) {
    Shape sizes{count};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    torch::Tensor samples = torch::empty(sizes);
    const std::int64_t elements = count > 0 ? samples.numel() / count : 0;
    float* values = samples.data_ptr<float>();
    for (std::int64_t row = 0; row < count; ++row) {
        random::Place place = first;
        place.chain += static_cast<std::uint32_t>(row);
        for (std::int64_t e = 0; e < elements; e += 4) {
            const random::Words words = random::words(place, static_cast<std::uint32_t>(e / 4));
            for (std::int64_t i = e; i < std::min(e + 4, elements); ++i)
                *values++ = low + (high - low) * random::uniform(words[i - e]);
        }
    }
    return samples;
}

torch::Tensor normal_samples(std::int64_t count, const Shape& shape, const random::Place& first) {
    Shape sizes{count};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    torch::Tensor samples = torch::empty(sizes);
    const std::int64_t elements = count > 0 ? samples.numel() / count : 0;
    float* values = samples.data_ptr<float>();
    for (std::int64_t row = 0; row < count; ++row) {
        random::Place place = first;
        place.chain += static_cast<std::uint32_t>(row);
        for (std::int64_t e = 0; e < elements; e += 4) {
            const std::array<float, 4> normals =
                random::normals(random::words(place, static_cast<std::uint32_t>(e / 4)));
            for (std::int64_t i = e; i < std::min(e + 4, elements); ++i)
                *values++ = normals[i - e];
        }
    }
    return samples;
}

} // namespace ebm
