#include "core/measure/annealing.h"

#include "core/base/error.h"
#include "core/measure/plane_samples.h"
#include "core/sample/leapfrog.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

namespace ebm::measure {
namespace {

using torch::Tensor;

constexpr double wanted_acceptance = 0.65;
constexpr double shortest = 0.6; ///< share of the step size that a level uses at least
constexpr std::uint32_t start_step = 0;

std::vector<double> to_doubles(const Tensor& values) {
    const Tensor plain = values.contiguous();
    return {plain.const_data_ptr<double>(), plain.const_data_ptr<double>() + plain.numel()};
}

/// log of the mean of exp(log w).
double log_mean(const std::vector<double>& log_weights) {
    const double most = *std::ranges::max_element(log_weights);
    double sum = 0;
    for (const double w : log_weights)
        sum += std::exp(w - most);
    return most + std::log(sum / static_cast<double>(log_weights.size()));
}

/// (Σ w)² / Σ w².
double effective_count(const std::vector<double>& log_weights) {
    const double most = *std::ranges::max_element(log_weights);
    double sum = 0, squares = 0;
    for (const double w : log_weights) {
        sum += std::exp(w - most);
        squares += std::exp(2 * (w - most));
    }
    return sum * sum / squares;
}

} // namespace

Annealing::Annealing(std::shared_ptr<const Energy> energy, const AnnealSettings& settings)
    : energy_(std::move(energy)), settings_(settings) {
    if (settings.chains < 2 || settings.levels < 1 || settings.leapfrogs < 1 || !(settings.temperature > 0) ||
        !(settings.low < settings.high))
        throw Error("Annealed importance sampling needs two chains, a level, a leapfrog step, a positive "
                    "temperature and a box",
                    "", "Give larger numbers.");
    for (int t = 0; t <= settings.levels; ++t) {
        const auto gamma = [&](double share) { return 1 / (1 + std::exp(-4 * (2 * share - 1))); };
        betas_.push_back((gamma(static_cast<double>(t) / settings.levels) - gamma(0)) /
                         (gamma(1) - gamma(0)));
    }
    double elements = 1;
    for (const std::int64_t side : energy_->sample_shape())
        elements *= static_cast<double>(side);
    log_volume_ = elements * std::log(settings.high - settings.low);
    if (energy_->sample_shape() == Shape{2}) last_phase_ = AnnealPhase::reverse;
    begin(AnnealPhase::adapting);
}

double Annealing::done() const {
    const double phases = static_cast<double>(last_phase_) + 1;
    return (static_cast<double>(run_.phase) + static_cast<double>(run_.level) / settings_.levels) / phases;
}

void Annealing::begin(AnnealPhase phase) {
    Tensor starts;
    std::uint64_t seed = settings_.seed;
    if (phase == AnnealPhase::adapting) seed ^= 0x5bd1e9955bd1e995ull;
    if (phase == AnnealPhase::reverse) {
        seed ^= 0xc2b2ae3d27d4eb4full;
        try {
            starts = plane_samples(*energy_, settings_.temperature, settings_.low, settings_.high,
                                   settings_.chains, seed);
        } catch (const Error& error) {
            no_reverse_ = error.what();
            last_phase_ = AnnealPhase::forward;
            return;
        }
        forward_ = run_;
    } else {
        starts = uniform_samples(settings_.chains, energy_->sample_shape(), static_cast<float>(settings_.low),
                                 static_cast<float>(settings_.high),
                                 {seed, random::Stream::start,
                                  static_cast<std::uint32_t>(RandomGroup::evaluation), 0, start_step});
    }
    run_ = {};
    run_.phase = phase;
    run_.seed = seed;
    run_.x = starts;
    run_.force = force(run_.x);
    run_.log_weight = torch::zeros({settings_.chains}, torch::kDouble);
    run_.step = 0.1 * (settings_.high - settings_.low);
    run_.running = wanted_acceptance;
    if (phase == AnnealPhase::forward) note_level();
}

Annealing::Force Annealing::force(const Tensor& x) const {
    std::vector<Tensor> values, gradients;
    const std::int64_t elements = std::max<std::int64_t>(1, x.numel() / std::max<std::int64_t>(1, x.size(0)));
    const std::int64_t rows_at_a_time = std::max<std::int64_t>(256, 65536 / elements); // bounds the memory
    for (std::int64_t first = 0; first < x.size(0); first += rows_at_a_time) {
        auto [value, gradient] = energy_->value_and_gradient(
            {x.slice(0, first, std::min<std::int64_t>(first + rows_at_a_time, x.size(0)))});
        values.push_back(value.to(torch::kDouble) / settings_.temperature);
        gradients.push_back(gradient.div(settings_.temperature));
    }
    Force result{torch::cat(values), torch::cat(gradients)};
    if (result.energy.isnan().any().item<bool>() || result.gradient.isnan().any().item<bool>())
        throw Error("An energy is not a number, so its log Z cannot be estimated",
                    "annealed importance sampling", "Go back to an earlier state of the model.");
    return result;
}

double Annealing::move(double beta, double step, int level) {
    const std::uint64_t seed = run_.seed;
    const auto group = static_cast<std::uint32_t>(RandomGroup::evaluation);
    const auto number = static_cast<std::uint32_t>(level);
    const Shape shape = energy_->sample_shape();
    const torch::NoGradGuard no_graph;
    // A trajectory of one length for all levels can come back to where it began at each of them.
    const random::Words lengths =
        random::words({seed, random::Stream::choice, group, 0xffffffffu, number}, 0);
    step *= shortest + (1 - shortest) * static_cast<double>(random::uniform(lengths[0]));
    const Tensor momentum =
        normal_samples(run_.x.size(0), shape, {seed, random::Stream::noise, group, 0, number});
    const auto kinetic = [](const Tensor& p) { return p.to(torch::kDouble).square().flatten(1).sum(1) / 2; };
    const Tensor before = beta * run_.force.energy + kinetic(momentum);
    Force force_here = run_.force;
    PhasePoint phase{run_.x, momentum, beta * run_.force.gradient};
    leapfrog(phase, torch::full({run_.x.size(0)}, step), settings_.leapfrogs, {settings_.low, settings_.high},
             [&](const Tensor& at) {
                 force_here = force(at);
                 return beta * force_here.gradient;
             });
    const Tensor& x = phase.x;
    const Tensor after = beta * force_here.energy + kinetic(phase.momentum);
    std::vector<float> draws;
    for (std::int64_t i = 0; i < x.size(0); ++i)
        draws.push_back(random::uniform(random::words(
            {seed, random::Stream::choice, group, static_cast<std::uint32_t>(i), number}, 0)[0]));
    // An infinite energy is refused; not-a-number has been an Error.
    const Tensor accepted = (before - after).ge(torch::tensor(draws).to(torch::kDouble).log());
    Shape wide(static_cast<std::size_t>(x.dim()), 1);
    wide[0] = x.size(0);
    run_.x = torch::where(accepted.view(wide), x, run_.x);
    run_.force.energy = torch::where(accepted, force_here.energy, run_.force.energy);
    run_.force.gradient = torch::where(accepted.view(wide), force_here.gradient, run_.force.gradient);
    return accepted.to(torch::kDouble).mean().item<double>();
}

void Annealing::note_level() {
    const std::vector<double> weights = to_doubles(run_.log_weight);
    path_.push_back({betas_[static_cast<std::size_t>(run_.level)], log_volume_ + log_mean(weights),
                     effective_count(weights),
                     (run_.force.energy * settings_.temperature).mean().item<double>()});
}

/// One level of the dry run, which adapts the step size as it goes.
void Annealing::adapt(double beta, int level) {
    const double most = 0.5 * (settings_.high - settings_.low);
    double& step = run_.step;
    if (level == 1) { // a first size, before there is anything to run after
        for (int trial = 0; trial < 40; ++trial) {
            const double share = move(beta, step, settings_.levels + 1 + trial);
            step = std::clamp(step * std::exp(share - wanted_acceptance), 1e-7, most);
        }
    }
    const double share = move(beta, step, level);
    steps_.push_back(step);
    run_.running = 0.9 * run_.running + 0.1 * share;
    step = std::clamp(
        step * std::exp(0.2 * (run_.running - wanted_acceptance) + 0.1 * (share - wanted_acceptance)), 1e-7,
        most);
}

void Annealing::advance() {
    if (!left()) return;
    if (run_.level == settings_.levels)
        return begin(run_.phase == AnnealPhase::adapting ? AnnealPhase::forward : AnnealPhase::reverse);
    const int done = run_.level + 1;
    const bool back = run_.phase == AnnealPhase::reverse;
    const int level = back ? settings_.levels - run_.level : done; // between β of level − 1 and of level
    const double beta = betas_[static_cast<std::size_t>(level)],
                 rise = beta - betas_[static_cast<std::size_t>(level - 1)];
    if (back) { // the same moves and weights in the other order
        move(beta, steps_[static_cast<std::size_t>(level - 1)], done);
        run_.log_weight += rise * run_.force.energy;
    } else {
        run_.log_weight -= rise * run_.force.energy;
        if (run_.phase == AnnealPhase::adapting)
            adapt(beta, level);
        else
            run_.accepted += move(beta, steps_[static_cast<std::size_t>(level - 1)], level);
    }
    run_.level = done;
    if (run_.phase == AnnealPhase::forward) note_level();
}

/// log of the mean weight with its 95 % interval.
Annealing::Mean Annealing::mean_weight(const Run& run) const {
    const std::vector<double> log_weights = to_doubles(run.log_weight);
    constexpr std::uint32_t resamplings = 1000;
    std::vector<double> estimates;
    for (std::uint32_t trial = 0; trial < resamplings; ++trial) {
        std::vector<double> drawn;
        for (std::uint32_t i = 0; i < log_weights.size(); ++i) {
            const random::Words words =
                random::words({run.seed, random::Stream::batch,
                               static_cast<std::uint32_t>(RandomGroup::evaluation), i, trial},
                              0);
            drawn.push_back(
                log_weights[static_cast<std::size_t>(std::uint64_t{words[0]} * log_weights.size() >> 32)]);
        }
        estimates.push_back(log_mean(drawn));
    }
    std::ranges::sort(estimates);
    return {log_mean(log_weights), estimates[resamplings / 40], estimates[resamplings - 1 - resamplings / 40],
            effective_count(log_weights)};
}

Annealed Annealing::result() const {
    const Run& run = counted();
    const Mean mean = mean_weight(run);
    Annealed result;
    result.chains = settings_.chains;
    result.levels = settings_.levels;
    result.log_z = log_volume_ + mean.log;
    result.effective_chains = mean.effective;
    result.low = log_volume_ + mean.low;
    result.high = log_volume_ + mean.high;
    result.acceptance = run.accepted / settings_.levels;
    const auto [least, largest] = std::ranges::minmax_element(steps_);
    result.step_least = *least;
    result.step_most = *largest;
    const Tensor energies = run.force.energy * settings_.temperature;
    result.energy_mean = energies.mean().item<double>();
    result.energy_sd = energies.std().item<double>();
    result.no_reverse = no_reverse_;
    if (run_.phase == AnnealPhase::reverse) {
        const Mean back = mean_weight(run_); // of 1/Z over the volume's
        result.reverse = {log_volume_ - back.log, log_volume_ - back.high, log_volume_ - back.low,
                          back.effective};
    }
    return result;
}

Annealed anneal(const Energy& energy, const AnnealSettings& settings,
                const std::function<bool(double share)>& progress) {
    Annealing annealing({std::shared_ptr<const Energy>(), &energy}, settings);
    while (annealing.left()) {
        annealing.advance();
        if (progress && !progress(annealing.done()))
            throw Error("The estimate of log Z was stopped", "annealed importance sampling",
                        "Start it again for a number.");
    }
    return annealing.result();
}

} // namespace ebm::measure
