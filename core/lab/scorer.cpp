#include "core/lab/scorer.h"

#include "core/base/counted.h"
#include "core/density/density.h"
#include "core/energy/classes.h"
#include "core/energy/sum.h"
#include "core/lab/views.h"
#include "core/measure/complexity.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

using torch::Tensor;

constexpr std::int64_t piece = 256;           ///< pictures that are looked at at a time
constexpr std::int64_t plane_piece = 8192;    ///< points
constexpr std::uint32_t noise_step = 1 << 20; ///< apart from the steps of the chains
constexpr std::uint32_t denoising_step = 1 << 21;

/// Chains of the training's sampler under `labels`; a chain that stops being finite is not a number, and does
/// not take the others with it.
Tensor moved(const Energy& energy, const Batch& start, const kernels::StepSettings& step,
             const random::Place& first) {
    kernels::StepReport report;
    try {
        return advance(energy, start, step, first, measure::recovery_steps, report).x;
    } catch (const Error& error) {
        if (error.where != "sampler") throw;
    }
    const std::int64_t count = start.size();
    if (count == 1) return torch::full_like(start.x, std::nan(""));
    const auto part = [&](std::int64_t from, std::int64_t to) {
        random::Place place = first;
        place.chain += static_cast<std::uint32_t>(from);
        return moved(
            energy,
            {start.x.slice(0, from, to), start.labels.defined() ? start.labels.slice(0, from, to) : Tensor()},
            step, place);
    };
    return torch::cat({part(0, count / 2), part(count / 2, count)});
}

Tensor compressed_bits(const Tensor& x) {
    const std::vector<std::uint8_t> pixels = to_pixels(x);
    const std::int64_t count = x.size(0);
    const std::size_t size = count > 0 ? pixels.size() / static_cast<std::size_t>(count) : 0;
    Tensor bits = torch::empty({count});
    for (std::int64_t i = 0; i < count; ++i)
        bits.data_ptr<float>()[i] = static_cast<float>(
            measure::deflate_bits(std::span(pixels).subspan(static_cast<std::size_t>(i) * size, size)));
    return bits;
}

} // namespace

Statistics joined(const std::vector<Statistics>& parts) {
    const auto join = [&](Tensor Statistics::*member) {
        std::vector<Tensor> all;
        for (const Statistics& part : parts)
            if ((part.*member).defined()) all.push_back(part.*member);
        return all.empty() ? Tensor() : torch::cat(all);
    };
    return {join(&Statistics::energy),   join(&Statistics::of_classes), join(&Statistics::log_gradient),
            join(&Statistics::recovery), join(&Statistics::distance),   join(&Statistics::denoising),
            join(&Statistics::rises),    join(&Statistics::bits),       join(&Statistics::members)};
}

Scorer::Scorer(const Energy& energy, const Settings& settings, std::vector<ScoreKind> kinds)
    : energy_(energy), settings_(settings), kinds_(std::move(kinds)) {}

bool Scorer::wants(ScoreKind kind) const {
    return std::ranges::find(kinds_, kind) != kinds_.end();
}

bool Scorer::needs_fit() const {
    return std::ranges::any_of(kinds_, [](ScoreKind kind) { return measure::score_info(kind).needs.fit; });
}

Statistics Scorer::statistics(const Tensor& x, bool all_of_them, std::int64_t first) const {
    Statistics result;
    if (energy_.classes() > 0) {
        result.of_classes = class_energies_in_pieces(energy_, x);
        result.energy = without_class(result.of_classes, settings_.view.class_score);
    } else {
        result.energy = energies_in_pieces(energy_, x);
    }
    if (!all_of_them) return result;
    if (wants(ScoreKind::complexity)) result.bits = compressed_bits(x);
    if (wants(ScoreKind::ensemble)) {
        std::vector<Tensor> members;
        for (const auto& member : members_of(energy_))
            members.push_back(member->classes() > 0 ? without_class(class_energies_in_pieces(*member, x),
                                                                    settings_.view.class_score)
                                                    : energies_in_pieces(*member, x));
        result.members = torch::stack(members, 1);
    }
    add_steps(x, first, result);
    return result;
}

void Scorer::add_steps(const Tensor& x, std::int64_t first_of_all, Statistics& result) const {
    const bool states = wants(ScoreKind::density_of_states), slopes = states || wants(ScoreKind::mass),
               chains = states || wants(ScoreKind::recovery);
    const bool denoises = wants(ScoreKind::denoising);
    if (!slopes && !chains && !denoises) return;
    const kernels::StepSettings step = step_settings(settings_);
    const auto seed = static_cast<std::uint64_t>(settings_.train.seed);
    const auto group = static_cast<std::uint32_t>(RandomGroup::evaluation);
    std::vector<Tensor> log_gradient, recovery, distance, denoising, rises;
    const std::int64_t rows = x.dim() == 2 ? plane_piece : piece;
    for (std::int64_t first = 0; first < x.size(0); first += rows) {
        const std::int64_t end = std::min(first + rows, x.size(0));
        const Tensor some = model_values(x.slice(0, first, end)).contiguous();
        Tensor labels, here;
        if (result.of_classes.defined()) {
            const auto [least, which] = result.of_classes.slice(0, first, end).min(1);
            here = least;
            labels = which.contiguous();
        } else {
            here = result.energy.slice(0, first, end);
        }
        if (slopes) {
            const Tensor gradient = energy_.value_and_gradient({some, labels}).gradient;
            log_gradient.push_back(gradient.flatten(1).norm(2, 1).log());
        }
        random::Place place{seed, random::Stream::noise, group,
                            static_cast<std::uint32_t>(first_of_all + first), 0};
        if (chains) {
            const Tensor after = moved(energy_, {some, labels}, step, place);
            const torch::NoGradGuard no_graph;
            recovery.push_back(here - energy_.value({after, labels}));
            distance.push_back((after - some).flatten(1).norm(2, 1));
        }
        if (denoises) {
            place.step = denoising_step;
            const Tensor noise = normal_samples(some.size(0), some.sizes().slice(1).vec(), place);
            ++place.step;
            const Tensor after =
                moved(energy_, {some + measure::denoising_noise * noise, labels}, step, place);
            denoising.push_back((after - some).flatten(1).square().mean(1).sqrt());
        }
        if (states) {
            const torch::NoGradGuard no_graph;
            std::vector<Tensor> columns;
            for (const double size : measure::noise_sizes) {
                place.step = noise_step + static_cast<std::uint32_t>(columns.size());
                const Tensor noise = normal_samples(some.size(0), some.sizes().slice(1).vec(), place);
                columns.push_back(energy_.value({some + size * noise, labels}) - here);
            }
            rises.push_back(torch::stack(columns, 1));
        }
    }
    const auto whole = [](const std::vector<Tensor>& parts) {
        return parts.empty() ? torch::empty({0}) : torch::cat(parts);
    };
    if (slopes) result.log_gradient = whole(log_gradient);
    if (chains) {
        result.recovery = whole(recovery);
        result.distance = whole(distance);
    }
    if (denoises) result.denoising = whole(denoising);
    if (states)
        result.rises = rises.empty()
                           ? torch::empty({0, static_cast<std::int64_t>(std::size(measure::noise_sizes))})
                           : torch::cat(rises);
}

/// [n, statistics] fp64: what the density of states is fitted to.
Tensor Scorer::state_row(const Statistics& statistics) const {
    return torch::cat({torch::stack({statistics.energy, statistics.log_gradient, statistics.recovery,
                                     statistics.distance},
                                    1),
                       statistics.rises},
                      1)
        .to(torch::kDouble)
        .contiguous();
}

void Scorer::fit(const Statistics& held_out) {
    Tensor finite = held_out.energy.isfinite();
    if (held_out.members.defined()) finite = finite.logical_and(held_out.members.isfinite().all(1));
    Tensor rows;
    if (wants(ScoreKind::density_of_states)) {
        rows = state_row(held_out);
        finite = finite.logical_and(rows.isfinite().all(1));
    }
    fitted_on_ = finite.sum().item<std::int64_t>();
    fit_not_finite_ = finite.size(0) - fitted_on_;
    if (fitted_on_ == 0)
        throw Error("What the model says of the held-out data is not finite, so no score can be fitted to it",
                    "", "Go back to an earlier state of the model, or use a score without a fit.");
    mean_energy_ = held_out.energy.index({finite}).to(torch::kDouble).mean().item<double>();
    if (held_out.members.defined()) member_means_ = held_out.members.index({finite}).mean(0);
    if (!rows.defined()) return;
    rows = rows.index({finite}).contiguous();
    states_ = measure::GaussianMixture::fit(
        std::span(rows.const_data_ptr<double>(), static_cast<std::size_t>(rows.numel())),
        static_cast<int>(rows.size(1)), measure::mixture_components,
        static_cast<std::uint64_t>(settings_.train.seed));
}

std::vector<float> Scorer::score(const Statistics& s, ScoreKind kind) const {
    const double ln2 = std::log(2.0);
    switch (kind) {
    case ScoreKind::energy:
    case ScoreKind::log_p:
        return to_vector(-s.energy);
    case ScoreKind::mass:
        return to_vector(-s.log_gradient);
    case ScoreKind::recovery:
        return to_vector(-s.recovery);
    case ScoreKind::denoising:
        return to_vector(-s.denoising);
    case ScoreKind::typicality:
        return to_vector(-(s.energy.to(torch::kDouble) - mean_energy_).abs().to(torch::kFloat));
    case ScoreKind::complexity:
        return to_vector(s.bits - s.energy / ln2);
    case ScoreKind::bits_per_dim: {
        double numbers = 1;
        for (const std::int64_t side : energy_.sample_shape())
            numbers *= static_cast<double>(side);
        return to_vector(-s.energy / (numbers * ln2));
    }
    case ScoreKind::class_probability:
        return to_vector(std::get<0>(torch::softmax(-s.of_classes, 1).max(1)));
    case ScoreKind::ensemble: {
        const Tensor centred = s.members - member_means_;
        return to_vector(-centred.mean(1) - centred.var(1));
    }
    case ScoreKind::density_of_states: {
        const Tensor rows = state_row(s);
        const auto width = static_cast<std::size_t>(rows.size(1));
        std::vector<float> scores;
        for (std::int64_t i = 0; i < rows.size(0); ++i)
            scores.push_back(static_cast<float>(states_->log_density(
                std::span(rows.const_data_ptr<double>() + static_cast<std::size_t>(i) * width, width))));
        return scores;
    }
    }
    return {};
}

std::optional<Error> score_problem(ScoreKind kind, const Energy& energy, std::int64_t held_out) {
    const measure::ScoreInfo& info = measure::score_info(kind);
    const std::string where = fmt::format("score {}", info.name);
    if (info.needs.classes && energy.classes() == 0)
        return Error("The model has no classes, so it gives no p(y|x)", where,
                     "Use another score, or a conditional model.");
    if (info.needs.density && !dynamic_cast<const Density*>(&energy))
        return Error("The model is not normalised, so it has no log p", where,
                     "Use the score energy, or a flow, a PixelCNN or a VAE.");
    if (info.needs.ensemble && members_of(energy).size() < 2)
        return Error("The model is not an ensemble", where,
                     "Use another score, or a scene whose energy is the mean of several models.");
    if (info.needs.pictures && energy.sample_shape().size() != 3)
        return Error("Points of the plane are not compressed", where, "Use another score.");
    const auto statistics = static_cast<std::int64_t>(4 + std::size(measure::noise_sizes));
    const std::int64_t least = kind == ScoreKind::density_of_states ? statistics + 1 : info.needs.fit ? 1 : 0;
    if (held_out < least)
        return Error(
            kind == ScoreKind::density_of_states
                ? fmt::format("{} statistics cannot be fitted on {}", statistics,
                              counted(held_out, "held-out sample"))
                : "There are no held-out data to fit on",
            where,
            fmt::format("Give the model at least {} samples of held-out data: half of them are fitted "
                        "on, the others scored.",
                        2 * least));
    return std::nullopt;
}

std::int64_t most_scored(std::int64_t most, int classes) {
    constexpr std::int64_t usual_classes = 10, least = 20;
    if (most <= 0 || classes <= usual_classes) return most;
    return std::min(most, std::max(least, most * usual_classes / classes));
}

Tensor scored_rows(std::int64_t count) {
    return torch::arange(0, count, 2, torch::kLong);
}

Tensor fitted_rows(std::int64_t count) {
    return count > 1 ? torch::arange(1, count, 2, torch::kLong) : torch::empty({0}, torch::kLong);
}

} // namespace ebm::lab
