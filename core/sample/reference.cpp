#include "core/sample/mala_move.h"
#include "core/sample/sampler.h"

#include <cmath>
#include <limits>

/// The readable twin of the fused kernels: one step of core/kernels/step.h in plain LibTorch.
namespace ebm {
namespace {

using kernels::Rule;
using kernels::StepReport;
using kernels::StepSettings;
using torch::Tensor;

/// The draws of stream `choice` for one step, [N] each.
struct Choices {
    Tensor accept;        ///< uniform
    Tensor jump;          ///< bool
    Tensor spread_factor; ///< of the drift a
};

Choices draw_choices(std::int64_t count, const StepSettings& step, random::Place place) {
    place.stream = random::Stream::choice;
    Choices choices{torch::empty({count}), torch::empty({count}, torch::kBool), torch::empty({count})};
    for (std::int64_t i = 0; i < count; ++i, ++place.chain) {
        const random::Words words = random::words(place, 0);
        choices.accept.data_ptr<float>()[i] = random::uniform(words[0]);
        choices.jump.data_ptr<bool>()[i] = random::uniform(words[1]) < step.jump_share;
        choices.spread_factor.data_ptr<float>()[i] =
            std::pow(step.spread, 2.0f * random::uniform(words[2]) - 1.0f);
    }
    return choices;
}

/// [N] as [N, 1, 1, …], to combine with x.
Tensor per_chain(const Tensor& values, const Tensor& x) {
    Shape sizes(static_cast<std::size_t>(x.dim()), 1);
    sizes[0] = values.size(0);
    return values.view(sizes);
}

/// Standard normals like x, row i from chain place.chain + i of place.stream.
Tensor normals_like(const Tensor& x, const random::Place& place) {
    Tensor normals = torch::empty_like(x, at::MemoryFormat::Contiguous);
    const std::int64_t elements = x.numel() / std::max<std::int64_t>(x.size(0), 1);
    float* next = normals.data_ptr<float>();
    for (std::int64_t i = 0; i < x.size(0); ++i) {
        random::Place row = place;
        row.chain += static_cast<std::uint32_t>(i);
        for (std::int64_t e = 0; e < elements; e += 4) {
            const auto block = random::normals(random::words(row, static_cast<std::uint32_t>(e / 4)));
            next = std::copy_n(block.begin(), std::min<std::int64_t>(4, elements - e), next);
        }
    }
    return normals;
}

Tensor norms(const Tensor& x) {
    return x.flatten(1).norm(2, 1);
}

Tensor clip(const Tensor& gradient, const StepSettings& step) {
    Tensor clipped = gradient;
    if (step.gradient_clip > 0) clipped = clipped.clamp(-step.gradient_clip, step.gradient_clip);
    if (step.drift_limit > 0)
        clipped = clipped * per_chain((step.drift_limit / norms(clipped)).clamp_max(1.0), clipped);
    return clipped;
}

Tensor clamp_to_box(const Tensor& x, const StepSettings& step) {
    return step.box ? x.clamp(step.box_low, step.box_high) : x;
}

Tensor inside_box(const Tensor& x, const StepSettings& step) {
    if (!step.box) return torch::ones({x.size(0)}, torch::kBool);
    return x.ge(step.box_low).logical_and(x.le(step.box_high)).flatten(1).all(1);
}

/// Metropolis: u < min(1, exp(log_ratio)). False for NaN.
Tensor accepts(const Tensor& uniform, const Tensor& log_ratio) {
    return uniform < log_ratio.clamp_max(0).exp();
}

/// Whether these can be energies of proposals: +∞ has no density and is refused, −∞ and NaN are failures.
bool possible(const Tensor& energies) {
    return energies.gt(-std::numeric_limits<float>::infinity()).all().item<bool>();
}

Point select(const Tensor& condition, const Point& yes, const Point& no) {
    return {torch::where(per_chain(condition, yes.x), yes.x, no.x),
            torch::where(condition, yes.energy, no.energy),
            torch::where(per_chain(condition, yes.x), yes.gradient, no.gradient), condition};
}

Tensor jump_proposals(const Tensor& x, const StepSettings& step, random::Place place) {
    place.stream = random::Stream::jump;
    return uniform_samples(x.size(0), x.sizes().slice(1).vec(), step.box_low, step.box_high, place);
}

std::int64_t count(const Tensor& condition) {
    return condition.sum().item<std::int64_t>();
}

void report_gradient(const Tensor& gradient, const StepSettings& step, StepReport& report) {
    const Tensor norm = norms(gradient);
    report.gradient_norm += norm.sum(torch::kDouble).item<double>();
    report.gradient_norm_max = std::max(report.gradient_norm_max, norm.max().item<double>());
    if (step.gradient_clip > 0) report.clipped += count(gradient.abs() > step.gradient_clip);
}

void report_move(const Tensor& before, const Tensor& after, const StepSettings& step, StepReport& report) {
    report.chain_steps += after.size(0);
    report.elements += after.numel();
    report.distance += norms(after - before).sum(torch::kDouble).item<double>();
    if (step.box) report.clamped += count(after.le(step.box_low).logical_or(after.ge(step.box_high)));
}

void report_jumps(const Tensor& jump, const Tensor& accepted, StepReport& report) {
    report.jumps += count(jump);
    report.jumps_accepted += count(jump.logical_and(accepted));
}

bool all_finite(const Point& point) {
    const auto finite = [](const Tensor& values) { return values.isfinite().all().item<bool>(); };
    return finite(point.x) && finite(point.energy) && finite(norms(point.gradient)) &&
           point.proposals_possible;
}

void tell(StepEvents& events, const Tensor& start, const Tensor& kick, const Tensor& pull,
          const Tensor& proposal, const Choices& choices, const Tensor& accepted) {
    const Tensor moved = per_chain(choices.jump.logical_not(), start).to(start.scalar_type());
    events = {false,        start,   kick * moved, pull * moved, proposal, choices.spread_factor,
              choices.jump, accepted};
}

} // namespace

Point evaluate(const Target& target, const Tensor& x) {
    const auto [value, gradient] = target(x);
    return {x, value, gradient, torch::ones({x.size(0)}, torch::kBool)};
}

void require_finite(const Point& point, const random::Place& place) {
    if (!all_finite(point)) throw_not_finite(place, 0);
}

Tensor used_gradient(const Tensor& gradient, const StepSettings& step) {
    return clip(gradient, step);
}

Point mala_move(const Target& target, const Point& here, const StepSettings& step, const Tensor& temperature,
                const random::Place& place, StepReport& report, StepEvents* events) {
    const Tensor& x = here.x;
    const Choices choices = draw_choices(x.size(0), step, place);
    const Tensor drift = per_chain(choices.spread_factor * step.drift, x);
    const Tensor noise = normals_like(x, place);
    const Tensor pull = -drift * clip(here.gradient, step),
                 kick = (2 * drift * per_chain(temperature, x)).sqrt() * noise;
    Tensor proposal = x + pull + kick;
    if (step.jump_share > 0)
        proposal = torch::where(per_chain(choices.jump, x), jump_proposals(x, step, place), proposal);

    // A proposal outside is rejected whatever its energy is, which may be infinite there: it is not
    // evaluated.
    const Tensor inside = inside_box(proposal, step);
    const Point there = evaluate(target, torch::where(per_chain(inside, x), proposal, x));

    // log q(x | x′) − log q(x′ | x), with x′ − x + a g = √(2aT) ξ.
    const Tensor back = x - there.x + drift * clip(there.gradient, step);
    const Tensor log_q_ratio =
        noise.square().flatten(1).sum(1) / 2 -
        back.square().flatten(1).sum(1) / (4 * choices.spread_factor * step.drift * temperature);
    const Tensor log_ratio = (here.energy - there.energy) / temperature +
                             torch::where(choices.jump, torch::zeros_like(log_q_ratio), log_q_ratio);
    const Tensor accepted = inside.logical_and(accepts(choices.accept, log_ratio));

    report_gradient(here.gradient, step, report);
    report_jumps(choices.jump, accepted, report);
    report.proposals += count(choices.jump.logical_not());
    report.accepted += count(accepted.logical_and(choices.jump.logical_not()));
    if (events) tell(*events, x, kick, pull, proposal, choices, accepted);
    Point result = select(accepted, there, here);
    result.proposals_possible = possible(there.energy);
    return result;
}

namespace {

void require_finite(const Point& point, int index, const random::Place& first, StepReport& report) {
    if (all_finite(point)) return;
    report.non_finite_step = index;
    throw_not_finite(first, index);
}

/// One step of the unadjusted rules with uniform jumps. The energy and gradient returned are those at the
/// point where the gradient was taken.
Point langevin_step(const Target& target, const Tensor& x, const StepSettings& step,
                    const random::Place& place, StepReport& report, StepEvents* events) {
    const Choices choices = draw_choices(x.size(0), step, place);
    const Tensor drift = per_chain(choices.spread_factor * step.drift, x);
    const Tensor noise = per_chain(choices.spread_factor.sqrt() * step.noise, x) * normals_like(x, place);
    const Tensor jump = per_chain(choices.jump, x);

    Tensor point = x;
    if (step.rule == Rule::published) point = torch::where(jump, x, clamp_to_box(x + noise, step));
    Point result = evaluate(target, point);
    const Tensor pull = -drift * clip(result.gradient, step);
    Tensor moved = point + pull;
    if (step.rule == Rule::langevin) moved = moved + noise;
    result.x = clamp_to_box(moved, step);
    report_gradient(result.gradient, step, report);

    Tensor proposed = result.x, accepted = torch::ones({x.size(0)}, torch::kBool);
    if (step.jump_share > 0) {
        const Tensor proposal = jump_proposals(x, step, place);
        const Tensor proposal_energy = target(proposal).value;
        result.proposals_possible = possible(proposal_energy.masked_select(choices.jump));
        const Tensor taken = accepts(choices.accept, (result.energy - proposal_energy) / step.temperature);
        proposed = torch::where(jump, proposal, result.x);
        result.x = torch::where(jump, torch::where(per_chain(taken, x), proposal, x), result.x);
        accepted = result.accepted = choices.jump.logical_not().logical_or(taken);
        report_jumps(choices.jump, taken, report);
    }
    if (events) {
        tell(*events, x, noise, pull, proposed, choices, accepted);
        events->noise_first = step.rule == Rule::published;
    }
    return result;
}

} // namespace

namespace {

ChainState advance(const Target& target, const Tensor& x, const StepSettings& step,
                   const random::Place& first, int steps, StepReport& report, StepEvents* events) {
    const torch::NoGradGuard no_graph;
    Point here{x, {}, {}, {}};
    const Tensor temperature = torch::full({x.size(0)}, step.temperature);
    if (step.rule == Rule::mala || steps == 0) {
        here = evaluate(target, x);
        require_finite(here, 0, first, report);
    }
    for (int k = 0; k < steps; ++k) {
        random::Place place = first;
        place.stream = random::Stream::noise;
        place.step += static_cast<std::uint32_t>(k);
        const Tensor before = here.x;
        here = step.rule == Rule::mala ? mala_move(target, here, step, temperature, place, report, events)
                                       : langevin_step(target, before, step, place, report, events);
        require_finite(here, k, first, report);
        report_move(before, here.x, step, report);
    }
    return {steps == 0 ? x.clone() : here.x, here.energy, norms(here.gradient), here.accepted};
}

} // namespace

ChainState advance_reference(const Energy& energy, const Batch& start, const StepSettings& step,
                             const random::Place& first, int steps, StepReport& report) {
    return advance({energy, start.labels, true}, start.x, step, first, steps, report, nullptr);
}

ChainState advance_plainly(const Energy& energy, const Batch& start, const StepSettings& step,
                           const random::Place& first, int steps, StepReport& report) {
    return advance({energy, start.labels, false}, start.x, step, first, steps, report, nullptr);
}

ChainState step_reference(const Energy& energy, const Batch& start, const StepSettings& step,
                          const random::Place& place, StepReport& report, StepEvents& events) {
    return advance({energy, start.labels, true}, start.x, step, place, 1, report, &events);
}

} // namespace ebm
