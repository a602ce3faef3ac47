#include "core/libtorch/chains.h"

#include "core/kernels/step_report.h"

#include <cmath>
#include <limits>

/// The steps of core/kernels/step.h in LibTorch's operations, as core/sample/reference.cpp has them, but with
/// sums that stay on the place until all steps are done.
namespace ebm::libtorch {
namespace {

using at::Tensor;
using kernels::Rule;
using kernels::StepReport;
using kernels::StepSettings;

/// [n] beside [n, elements].
Tensor column(const Tensor& values) {
    return values.unsqueeze(1);
}

Tensor squares(const Tensor& x) {
    return x.square().sum(1);
}

/// The sums of StepReport that are known on the place only.
struct Sums {
    explicit Sums(const Tensor& like)
        : numbers(at::zeros({count}, like.options().dtype(at::kDouble))),
          non_finite(at::full({}, -1, like.options().dtype(at::kLong))) {}

    enum { norm, norm_max, distance, clipped, clamped, proposals, accepted, jumps, jumps_accepted, count };

    void add(int which, const Tensor& value) { numbers[which].add_(value); }
    void add_count(int which, const Tensor& condition) { numbers[which].add_(condition.sum()); }

    Tensor numbers, non_finite;
};

class Chains {
public:
    Chains(const Place& place, const Evaluate& evaluate, const Tensor& x, const StepSettings& settings)
        : place_(place), evaluate_(evaluate), s_(settings), x_(x.clone()), sums_(x),
          noise_(at::empty_like(x)), accepted_(at::ones({x.size(0)}, x.options().dtype(at::kBool))),
          draws_(at::empty({x.size(0), 4}, x.options())),
          proposals_possible_(at::ones({}, x.options().dtype(at::kBool))) {}

    Moved run(const random::Place& first, int steps, StepReport& report) {
        const bool metropolis = s_.rule == Rule::mala;
        if (metropolis) keep(evaluate_(x_, true));
        for (int k = 0; k < steps; ++k) {
            random::Place place = first;
            place.step += static_cast<std::uint32_t>(k);
            draw(place);
            const Tensor before = x_;
            if (metropolis)
                metropolis_step(place);
            else
                langevin_step(place);
            tell(before, k);
        }
        report = report_of(steps);
        return {x_, energies_, at::sqrt(squares(gradient_)), accepted_};
    }

private:
    void keep(const Evaluated& evaluated) {
        energies_ = evaluated.energies.clone();
        gradient_ = evaluated.gradient.clone();
    }

    bool chooses() const { return s_.rule == Rule::mala || s_.spread > 1 || s_.jump_share > 0; }

    void draw(random::Place place) {
        place.stream = random::Stream::noise;
        place_.normals(noise_, place);
        if (!chooses()) return;
        place.stream = random::Stream::choice;
        place_.uniforms(draws_, place);
        accept_draw_ = draws_.select(1, 0);
        jump_ = draws_.select(1, 1).lt(s_.jump_share);
        spread_ = at::exp2((draws_.select(1, 2) * 2 - 1) * std::log2(s_.spread));
    }

    /// a for each chain, as a column, or as a number where all chains have the same.
    Tensor with_drift(const Tensor& x) const {
        return s_.spread > 1 ? x * column(spread_ * s_.drift) : x * s_.drift;
    }

    Tensor clip(const Tensor& gradient) const {
        Tensor clipped =
            s_.gradient_clip > 0 ? gradient.clamp(-s_.gradient_clip, s_.gradient_clip) : gradient;
        if (s_.drift_limit > 0)
            clipped = clipped * column((s_.drift_limit / at::sqrt(squares(clipped))).clamp_max(1.0));
        return clipped;
    }
    Tensor to_box(const Tensor& x) const { return s_.box ? x.clamp(s_.box_low, s_.box_high) : x; }

    Tensor jump_proposals(random::Place place) const {
        place.stream = random::Stream::jump;
        Tensor proposals = at::empty_like(x_);
        place_.uniforms(proposals, place);
        return proposals * (s_.box_high - s_.box_low) + s_.box_low;
    }

    /// u < min(1, exp(log_ratio)); NaN is refused.
    Tensor accepts(const Tensor& log_ratio) const { return accept_draw_ < log_ratio.clamp_max(0).exp(); }
    static Tensor possible(const Tensor& energies) {
        return energies.gt(-std::numeric_limits<float>::infinity());
    }

    void tell_gradient() {
        const Tensor norm = at::sqrt(squares(gradient_));
        sums_.add(Sums::norm, norm.sum(at::kDouble));
        const Tensor largest = sums_.numbers[Sums::norm_max];
        largest.copy_(at::maximum(largest, norm.max().to(at::kDouble))); // NaN stays in sight
        if (s_.gradient_clip > 0) sums_.add_count(Sums::clipped, gradient_.abs() > s_.gradient_clip);
        finite_ = energies_.isfinite().all().logical_and(norm.isfinite().all());
    }

    void tell_jumps() {
        sums_.add_count(Sums::jumps, jump_);
        sums_.add_count(Sums::jumps_accepted, jump_.logical_and(accepted_));
    }

    void tell(const Tensor& before, int k) {
        sums_.add(Sums::distance, at::sqrt(squares(x_ - before)).sum(at::kDouble));
        if (s_.box) sums_.add_count(Sums::clamped, x_.le(s_.box_low).logical_or(x_.ge(s_.box_high)));
        const Tensor good = finite_.logical_and(x_.isfinite().all()).logical_and(proposals_possible_);
        sums_.non_finite.copy_(at::where(sums_.non_finite.lt(0).logical_and(good.logical_not()),
                                         at::full_like(sums_.non_finite, k), sums_.non_finite));
    }

    void langevin_step(const random::Place& place) {
        const Tensor kick = s_.spread > 1 ? noise_ * column(spread_.sqrt() * s_.noise) : noise_ * s_.noise;
        Tensor point = x_;
        if (s_.rule == Rule::published) {
            point = to_box(x_ + kick);
            // A chain that jumps is evaluated where it is.
            if (s_.jump_share > 0) point = at::where(column(jump_), x_, point);
        }
        keep(evaluate_(point, true));
        tell_gradient();
        Tensor moved = point - with_drift(clip(gradient_));
        if (s_.rule == Rule::langevin) moved = moved + kick;
        moved = to_box(moved);
        if (s_.jump_share > 0) {
            const Tensor proposal = jump_proposals(place);
            const Tensor energies = evaluate_(proposal, false).energies;
            proposals_possible_ = possible(energies).logical_or(jump_.logical_not()).all();
            const Tensor taken = accepts((energies_ - energies) / s_.temperature);
            moved = at::where(column(jump_), at::where(column(taken), proposal, x_), moved);
            accepted_ = jump_.logical_not().logical_or(taken);
            tell_jumps();
        }
        x_ = moved;
    }

    void metropolis_step(const random::Place& place) {
        const Tensor drift = (s_.spread > 1 ? spread_ : at::ones_like(accept_draw_)) * s_.drift;
        Tensor proposal =
            x_ - column(drift) * clip(gradient_) + column((2 * s_.temperature * drift).sqrt()) * noise_;
        if (s_.jump_share > 0) proposal = at::where(column(jump_), jump_proposals(place), proposal);
        // A proposal outside is rejected whatever its energy is: it is not evaluated.
        Tensor inside = at::ones_like(accepted_);
        if (s_.box) inside = proposal.ge(s_.box_low).logical_and(proposal.le(s_.box_high)).all(1);
        const Tensor there = at::where(column(inside), proposal, x_);
        const Evaluated evaluated = evaluate_(there, true);
        // log q(x | x′) − log q(x′ | x), with x′ − x + a g = √(2aT) ξ; a jump is symmetric.
        const Tensor back = x_ - there + column(drift) * clip(evaluated.gradient);
        Tensor log_ratio = squares(noise_) / 2 - squares(back) / (4 * s_.temperature * drift);
        if (s_.jump_share > 0) log_ratio = log_ratio.masked_fill(jump_, 0);
        log_ratio = log_ratio + (energies_ - evaluated.energies) / s_.temperature;
        accepted_ = inside.logical_and(accepts(log_ratio));
        proposals_possible_ = possible(evaluated.energies).all();
        tell_gradient();
        tell_jumps();
        sums_.add_count(Sums::proposals, jump_.logical_not());
        sums_.add_count(Sums::accepted, accepted_.logical_and(jump_.logical_not()));
        x_ = at::where(column(accepted_), there, x_);
        energies_ = at::where(accepted_, evaluated.energies, energies_);
        gradient_ = at::where(column(accepted_), evaluated.gradient, gradient_);
        finite_ = finite_.logical_and(energies_.isfinite().all());
    }

    StepReport report_of(int steps) const {
        const Tensor numbers = sums_.numbers.to(at::kCPU);
        const double* of = numbers.data_ptr<double>();
        const auto whole = [of](int which) { return static_cast<std::int64_t>(std::llround(of[which])); };
        StepReport report;
        report.chain_steps = x_.size(0) * steps;
        report.elements = x_.numel() * steps;
        report.gradient_norm = of[Sums::norm];
        report.gradient_norm_max = of[Sums::norm_max];
        report.distance = of[Sums::distance];
        report.clipped = whole(Sums::clipped);
        report.clamped = whole(Sums::clamped);
        report.proposals = whole(Sums::proposals);
        report.accepted = whole(Sums::accepted);
        report.jumps = whole(Sums::jumps);
        report.jumps_accepted = whole(Sums::jumps_accepted);
        report.non_finite_step = sums_.non_finite.item<std::int64_t>();
        return report;
    }

    const Place& place_;
    const Evaluate& evaluate_;
    const StepSettings& s_;
    Tensor x_, energies_, gradient_; ///< energies and gradients where the last gradient was taken
    Sums sums_;
    Tensor noise_, accepted_, draws_, proposals_possible_;
    Tensor accept_draw_, jump_, spread_, finite_;
};

} // namespace

Moved move_chains(const Place& place, const Evaluate& evaluate, const Tensor& x, const StepSettings& settings,
                  const random::Place& first, int steps, StepReport& report) {
    kernels::require_possible(settings);
    return Chains(place, evaluate, x, settings).run(first, steps, report);
}

} // namespace ebm::libtorch
