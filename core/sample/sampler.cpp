#include "core/sample/sampler.h"

#include "core/base/error.h"
#include "core/energy/classes.h"
#include "core/kernels/fused_kernel.h"
#include "core/kernels/noise.h"
#include "core/kernels/step_report.h"
#include "core/sample/rows.h"
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
    step.temperature = static_cast<float>(density_temperature(settings));
    step.noise =
        static_cast<float>(published ? sampler.noise : std::sqrt(sampler.step_size * sampler.temperature));
    step.spread = static_cast<float>(sampler.step_spread);
    step.gradient_clip = static_cast<float>(sampler.gradient_clip);
    step.drift_limit = static_cast<float>(sampler.drift_limit);
    step.box = sampler.box;
    step.box_low = static_cast<float>(sampler.box_low);
    step.box_high = static_cast<float>(sampler.box_high);
    step.jump_share = sampler.box ? static_cast<float>(sampler.jump_share) : 0.0f;
    return step;
}

double density_temperature(const Settings& settings) {
    const auto& sampler = settings.sampler;
    const bool published = sampler.kind == SamplerKind::langevin && sampler.mode == SamplerMode::published;
    return published ? 1.0 : sampler.temperature;
}

double implied_temperature(const kernels::StepSettings& step) {
    if (step.rule == kernels::Rule::mala) return step.temperature;
    return static_cast<double>(step.noise) * step.noise / (2.0 * step.drift);
}

ChainState advance(const Energy& energy, const Batch& start, const kernels::StepSettings& step,
                   const random::Place& first, int steps, kernels::StepReport& report) {
    const torch::Tensor& x = start.x;
    const bool marginal = energy.classes() > 0 && !start.labels.defined();
    const FusedKernel* kernel = marginal ? nullptr : energy.fused();
    if (!kernel || steps == 0 || x.scalar_type() != torch::kFloat)
        return advance_plainly(energy, start, step, first, steps, report);
    const torch::NoGradGuard no_graph;
    const std::int64_t count = x.size(0);
    ChainState state{copy_of(x), torch::empty({count}), torch::empty({count}),
                     torch::empty({count}, torch::kBool)};
    kernels::StepReport moved;
    static_assert(sizeof(bool) == sizeof(std::uint8_t));
    kernel->run(state.x.data_ptr<float>(), count, step, first, steps, state.energy.data_ptr<float>(),
                state.gradient_norm.data_ptr<float>(), moved,
                reinterpret_cast<std::uint8_t*>(state.accepted.data_ptr<bool>()), label_pointer(start));
    add(report, moved);
    if (moved.non_finite_step >= 0 || !std::isfinite(moved.gradient_norm))
        throw_not_finite(first, std::max<std::int64_t>(moved.non_finite_step, 0));
    return state;
}

void evaluate_at_state(const Energy& energy, const kernels::StepSettings& step, ChainState& state,
                       const torch::Tensor& labels) {
    if (step.rule == kernels::Rule::mala) return;
    const auto [value, gradient] = energy.value_and_gradient({state.x, labels});
    state.energy = value;
    state.gradient_norm = gradient.flatten(1).norm(2, 1);
}

void throw_not_finite(const random::Place& first, std::int64_t step) {
    throw Error(fmt::format("A chain or its energy stopped being finite in sampling step {}",
                            static_cast<std::int64_t>(first.step) + step),
                "sampler", "Lower sampler.step_size or train.learning_rate, or set sampler.drift_limit.");
}

torch::Tensor uniform_samples(std::int64_t count, const Shape& shape, float low, float high,
                              const random::Place& first) {
    Shape sizes{count};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    torch::Tensor samples = torch::empty(sizes);
    if (samples.numel() > 0)
        fill_uniform(samples.data_ptr<float>(), count, samples.numel() / count, low, high, first);
    return samples;
}

void fill_uniform(float* samples, std::int64_t count, std::int64_t elements, float low, float high,
                  const random::Place& first) {
    kernels::fill_uniform(samples, count, elements, first, at::get_num_threads());
    const float width = high - low;
    for (std::int64_t i = 0; i < count * elements; ++i)
        samples[i] = samples[i] * width + low;
}

torch::Tensor normal_samples(std::int64_t count, const Shape& shape, const random::Place& first) {
    Shape sizes{count};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    torch::Tensor samples = torch::empty(sizes);
    if (samples.numel() > 0)
        kernels::fill_normal(samples.data_ptr<float>(), count, samples.numel() / count, first,
                             at::get_num_threads());
    return samples;
}

} // namespace ebm
