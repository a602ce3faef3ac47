#include "core/measure/ais.h"

#include "core/base/error.h"
#include "core/energy/energy.h"
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

/// Energies and gradients of all chains divided by T, double [n] and like x.
struct Force {
    Tensor energy, gradient;
};

class Annealing {
public:
    Annealing(const Energy& energy, const AnnealSettings& settings) : energy_(energy), settings_(settings) {
        for (int t = 0; t <= settings.levels; ++t) {
            const auto gamma = [&](double share) { return 1 / (1 + std::exp(-4 * (2 * share - 1))); };
            betas_.push_back((gamma(static_cast<double>(t) / settings.levels) - gamma(0)) /
                             (gamma(1) - gamma(0)));
        }
    }

    /// Runs all levels. With `adapt` the step sizes are found and kept; else those that were kept are used.
    /// Returns log w [chains].
    Tensor run(std::uint64_t seed, bool adapt, const std::function<void(int level)>& told);

    double acceptance() const { return accepted_ / proposed_; }
    const std::vector<double>& steps() const { return steps_; }
    const Tensor& end_energies() const { return force_.energy; }

private:
    Force force(const Tensor& x) const;
    /// One Hamiltonian move at `beta`; returns the share of the chains that accepted.
    double move(double beta, double step, std::uint64_t seed, int level);

    const Energy& energy_;
    const AnnealSettings& settings_;
    std::vector<double> betas_, steps_;
    Tensor x_;
    Force force_;
    double accepted_ = 0, proposed_ = 0;
};

Force Annealing::force(const Tensor& x) const {
    std::vector<Tensor> values, gradients;
    const std::int64_t elements = std::max<std::int64_t>(1, x.numel() / std::max<std::int64_t>(1, x.size(0)));
    const std::int64_t rows_at_a_time = std::max<std::int64_t>(256, 65536 / elements); // bounds the memory
    for (std::int64_t first = 0; first < x.size(0); first += rows_at_a_time) {
        auto [value, gradient] = energy_.value_and_gradient(
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

double Annealing::move(double beta, double step, std::uint64_t seed, int level) {
    const auto group = static_cast<std::uint32_t>(RandomGroup::evaluation);
    const auto number = static_cast<std::uint32_t>(level);
    const Shape shape = energy_.sample_shape();
    const torch::NoGradGuard no_graph;
    // A trajectory of one length for all levels can come back to where it began at each of them.
    const random::Words lengths =
        random::words({seed, random::Stream::choice, group, 0xffffffffu, number}, 0);
    step *= shortest + (1 - shortest) * static_cast<double>(random::uniform(lengths[0]));
    const Tensor momentum =
        normal_samples(x_.size(0), shape, {seed, random::Stream::noise, group, 0, number});
    const auto kinetic = [](const Tensor& p) { return p.to(torch::kDouble).square().flatten(1).sum(1) / 2; };
    const Tensor before = beta * force_.energy + kinetic(momentum);
    Force force_here = force_;
    Phase phase{x_, momentum, beta * force_.gradient};
    leapfrog(phase, torch::full({x_.size(0)}, step), settings_.leapfrogs, {settings_.low, settings_.high},
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
    x_ = torch::where(accepted.view(wide), x, x_);
    force_.energy = torch::where(accepted, force_here.energy, force_.energy);
    force_.gradient = torch::where(accepted.view(wide), force_here.gradient, force_.gradient);
    return accepted.to(torch::kDouble).mean().item<double>();
}

Tensor Annealing::run(std::uint64_t seed, bool adapt, const std::function<void(int level)>& told) {
    const auto group = static_cast<std::uint32_t>(RandomGroup::evaluation);
    x_ = uniform_samples(settings_.chains, energy_.sample_shape(), static_cast<float>(settings_.low),
                         static_cast<float>(settings_.high),
                         {seed, random::Stream::start, group, 0, start_step});
    force_ = force(x_);
    Tensor log_weight = torch::zeros({settings_.chains}, torch::kDouble);
    accepted_ = proposed_ = 0;
    double step = 0.1 * (settings_.high - settings_.low), running = wanted_acceptance;
    const double most = 0.5 * (settings_.high - settings_.low);
    if (adapt) steps_.clear();
    for (int level = 1; level <= settings_.levels; ++level) {
        const double rise =
            betas_[static_cast<std::size_t>(level)] - betas_[static_cast<std::size_t>(level - 1)];
        log_weight -= rise * force_.energy;
        if (!adapt) step = steps_[static_cast<std::size_t>(level - 1)];
        const double beta = betas_[static_cast<std::size_t>(level)];
        if (adapt && level == 1) { // a first size, before there is anything to run after
            for (int trial = 0; trial < 40; ++trial) {
                const double share = move(beta, step, seed, settings_.levels + 1 + trial);
                step = std::clamp(step * std::exp(share - wanted_acceptance), 1e-7, most);
            }
        }
        const double share = move(beta, step, seed, level);
        accepted_ += share;
        proposed_ += 1;
        if (adapt) {
            steps_.push_back(step);
            running = 0.9 * running + 0.1 * share;
            step = std::clamp(
                step * std::exp(0.2 * (running - wanted_acceptance) + 0.1 * (share - wanted_acceptance)),
                1e-7, most);
        }
        told(level);
    }
    return log_weight;
}

/// log of the mean of exp(log w).
double log_mean(const std::vector<double>& log_weights) {
    const double most = *std::ranges::max_element(log_weights);
    double sum = 0;
    for (const double w : log_weights)
        sum += std::exp(w - most);
    return most + std::log(sum / static_cast<double>(log_weights.size()));
}

} // namespace

Annealed anneal(const Energy& energy, const AnnealSettings& settings,
                const std::function<bool(double share)>& progress) {
    if (settings.chains < 2 || settings.levels < 1 || settings.leapfrogs < 1 || !(settings.temperature > 0) ||
        !(settings.low < settings.high))
        throw Error("Annealed importance sampling needs two chains, a level, a leapfrog step, a positive "
                    "temperature and a box",
                    "", "Give larger numbers.");
    Annealing annealing(energy, settings);
    const auto told = [&](double from) {
        return [&, from](int level) {
            if (progress && !progress(from + 0.5 * level / settings.levels))
                throw Error("The estimate of log Z was stopped", "annealed importance sampling",
                            "Start it again for a number.");
        };
    };
    annealing.run(settings.seed ^ 0x5bd1e9955bd1e995ull, true, told(0));
    const Tensor weights = annealing.run(settings.seed, false, told(0.5)).contiguous();
    const std::vector<double> log_weights(weights.const_data_ptr<double>(),
                                          weights.const_data_ptr<double>() + weights.numel());
    Annealed result;
    result.chains = settings.chains;
    result.levels = settings.levels;
    double elements = 1;
    for (const std::int64_t side : energy.sample_shape())
        elements *= static_cast<double>(side);
    const double base = elements * std::log(settings.high - settings.low);
    result.log_z = base + log_mean(log_weights);
    const double most = *std::ranges::max_element(log_weights);
    double sum = 0, squares = 0;
    for (const double w : log_weights) {
        sum += std::exp(w - most);
        squares += std::exp(2 * (w - most));
    }
    result.effective_chains = sum * sum / squares;
    constexpr std::uint32_t resamplings = 1000;
    std::vector<double> estimates;
    for (std::uint32_t trial = 0; trial < resamplings; ++trial) {
        std::vector<double> drawn;
        for (std::uint32_t i = 0; i < log_weights.size(); ++i) {
            const random::Words words =
                random::words({settings.seed, random::Stream::batch,
                               static_cast<std::uint32_t>(RandomGroup::evaluation), i, trial},
                              0);
            drawn.push_back(
                log_weights[static_cast<std::size_t>(std::uint64_t{words[0]} * log_weights.size() >> 32)]);
        }
        estimates.push_back(base + log_mean(drawn));
    }
    std::ranges::sort(estimates);
    result.low = estimates[resamplings / 40];
    result.high = estimates[resamplings - 1 - resamplings / 40];
    result.acceptance = annealing.acceptance();
    const auto [least, largest] = std::ranges::minmax_element(annealing.steps());
    result.step_least = *least;
    result.step_most = *largest;
    const Tensor energies = annealing.end_energies() * settings.temperature;
    result.energy_mean = energies.mean().item<double>();
    result.energy_sd = energies.std().item<double>();
    return result;
}

} // namespace ebm::measure
