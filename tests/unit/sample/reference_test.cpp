#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "core/sample/sampler.h"
#include "core/settings/settings.h"
#include "tests/unit/failure.h"
#include "tests/unit/sample/standard_errors.h"

#include <cmath>

namespace {

using ebm::kernels::Rule;
using ebm::kernels::StepReport;
using ebm::kernels::StepSettings;
using ebm::tests::standard_errors;
using torch::Tensor;

/// E(x) = |x|² / (2 variance).
class RoundGaussian final : public ebm::Energy {
public:
    explicit RoundGaussian(double variance) : variance_(variance) {}
    ebm::Shape sample_shape() const override { return {2}; }
    Tensor value(const ebm::Batch& batch) const override { return batch.x.square().sum(1) / (2 * variance_); }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<RoundGaussian>(*this); }

private:
    double variance_;
};

/// Constant gradient: E(x) = slope · x.
class Slope final : public ebm::Energy {
public:
    explicit Slope(std::vector<float> slope) : slope_(torch::tensor(slope)) {}
    ebm::Shape sample_shape() const override { return {slope_.size(0)}; }
    Tensor value(const ebm::Batch& batch) const override { return (batch.x * slope_).sum(1); }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Slope>(*this); }

private:
    Tensor slope_;
};

StepSettings step_of(Rule rule, float drift, float noise) {
    StepSettings step;
    step.rule = rule;
    step.drift = drift;
    step.noise = noise;
    step.box = false;
    return step;
}

std::shared_ptr<ebm::Energy> make(const std::string& name) {
    ebm::Settings settings;
    settings.model.energy = name;
    return ebm::make_energy(settings, {2}, 7);
}

} // namespace

DOCTEST_TEST_CASE("Langevin on a Gaussian reaches the variance of the discretised chain") {
    // x ← (1 − a/v) x + s ξ has the stationary variance s² / (1 − (1 − a/v)²); with s² = 2a that is v / (1 −
    // a / (2 v)).
    const double variance = 0.5;
    const RoundGaussian energy(variance);
    for (const double drift : {0.05, 0.4}) {
        const StepSettings step =
            step_of(Rule::langevin, static_cast<float>(drift), std::sqrt(2 * static_cast<float>(drift)));
        StepReport report;
        const auto end = ebm::advance_reference(energy, torch::zeros({20000, 2}), step, {11}, 120, report);
        const double factor = 1 - drift / variance;
        const double expected = 2 * drift / (1 - factor * factor);
        DOCTEST_CHECK(expected == doctest::Approx(variance / (1 - drift / (2 * variance))));
        DOCTEST_CHECK(standard_errors(end.x.square().sum(1), 2 * expected) < 3);
        DOCTEST_CHECK(standard_errors(end.x.select(1, 0), 0) < 3);
        DOCTEST_CHECK(standard_errors(end.x.select(1, 0) * end.x.select(1, 1), 0) < 3);
    }
}

DOCTEST_TEST_CASE("the published order on a Gaussian: noise first, then the drift at the noisy point") {
    // x ← (1 − a/v) (x + s ξ): stationary variance f² s² / (1 − f²).
    const RoundGaussian energy(1.0);
    const StepSettings step = step_of(Rule::published, 0.1f, 0.3f);
    StepReport report;
    const auto end = ebm::advance_reference(energy, torch::zeros({20000, 2}), step, {12}, 80, report);
    const double expected = 0.81 * 0.09 / (1 - 0.81);
    DOCTEST_CHECK(standard_errors(end.x.square().sum(1), 2 * expected) < 3);
}

DOCTEST_TEST_CASE("spread multiplies drift by spread^u and noise by spread^(u/2)") {
    // With E = 0 a step is noise of variance s² spread^u, whose mean over u ~ U(−1, 1) is s² (k − 1/k) / (2
    // log k).
    const Slope energy({0.0f, 0.0f});
    StepSettings step = step_of(Rule::langevin, 0.1f, 0.5f);
    step.spread = 9.0f;
    StepReport report;
    const auto end = ebm::advance_reference(energy, torch::zeros({40000, 2}), step, {13}, 1, report);
    const double expected = 0.25 * (9.0 - 1 / 9.0) / (2 * std::log(9.0));
    DOCTEST_CHECK(standard_errors(end.x.square().sum(1) / 2, expected) < 3);
}

DOCTEST_TEST_CASE("MALA and uniform jumps leave the target invariant") {
    // Start from exact samples of two unequal Gaussians in the box; step sizes are far too long for plain
    // Langevin.
    const auto energy = make("gaussian_mixture");
    const std::int64_t chains = 8000;
    torch::manual_seed(5);
    const Tensor kind = torch::rand({chains});
    const Tensor mean = torch::where((kind < 0.5).unsqueeze(1), torch::tensor({{-2.0f, -1.5f}}),
                                     torch::where((kind < 0.8).unsqueeze(1), torch::tensor({{2.0f, -1.0f}}),
                                                  torch::tensor({{0.0f, 2.2f}})));
    const Tensor sd = torch::where(kind < 0.5, 0.4, torch::where(kind < 0.8, 0.5, 0.6)).unsqueeze(1);
    const Tensor start = mean + sd * torch::randn({chains, 2});
    const double expected_energy = energy->value(start).mean().item<double>();

    for (const float jump_share : {0.0f, 0.1f, 1.0f}) {
        DOCTEST_CAPTURE(jump_share);
        StepSettings step = step_of(Rule::mala, 0.15f, 0.0f);
        step.spread = 4.0f;
        step.drift_limit = 3.0f;
        step.gradient_clip = 2.5f;
        step.box = true;
        step.box_low = -6.0f;
        step.box_high = 6.0f;
        step.jump_share = jump_share;
        StepReport report;
        const auto end = ebm::advance_reference(*energy, start, step, {14}, 40, report);
        const Tensor near_first =
            ((end.x - torch::tensor({{-2.0f, -1.5f}})).square().sum(1) < 2.0f).to(torch::kDouble);
        DOCTEST_CHECK(standard_errors(near_first, 0.5 * (1 - std::exp(-2.0 / (2 * 0.16)))) < 3);
        DOCTEST_CHECK(standard_errors(end.x.select(1, 0), -1.0 + 0.6) < 3);
        DOCTEST_CHECK(standard_errors(end.x.select(1, 1), -0.75 - 0.3 + 0.44) < 3);
        DOCTEST_CHECK(standard_errors(end.energy, expected_energy) < 3.5);
        const torch::NoGradGuard no_graph;
        DOCTEST_CHECK((end.energy - energy->value(end.x)).abs().max().item<double>() < 1e-4);
        DOCTEST_CHECK(report.proposals + report.jumps == report.chain_steps);
        if (jump_share < 1) DOCTEST_CHECK(report.accepted > 0.2 * static_cast<double>(report.proposals));
        if (jump_share < 1) DOCTEST_CHECK(report.accepted < 0.98 * static_cast<double>(report.proposals));
        if (jump_share > 0) DOCTEST_CHECK(report.jumps_accepted > 0);
    }
}

DOCTEST_TEST_CASE("uniform jumps find every mode in its share from one start") {
    const auto energy = make("double_well");
    StepSettings step = step_of(Rule::mala, 0.02f, 0.0f);
    step.box = true;
    step.box_low = -4;
    step.box_high = 4;
    step.jump_share = 0.2f;
    StepReport report;
    const auto end = ebm::advance_reference(*energy, torch::tensor({2.0f, 0.0f}).repeat({4000, 1}), step,
                                            {15}, 400, report);
    DOCTEST_CHECK(standard_errors((end.x.select(1, 0) > 0).to(torch::kDouble), 0.5) < 3);
    // Marginal of y: N(0, 0.7²).
    DOCTEST_CHECK(standard_errors(end.x.select(1, 1).square(), 0.49) < 3);
}

DOCTEST_TEST_CASE("one published step by hand: noise, clamp, gradient there, clip, move, clamp") {
    // E = |x|²/2 · 10 so that the gradient at the clamped noisy point is 10 times that point.
    const RoundGaussian energy(0.1);
    StepSettings step = step_of(Rule::published, 0.3f, 0.5f);
    step.gradient_clip = 4.0f;
    step.box = true;
    const ebm::random::Place place{21};
    const Tensor x = torch::tensor({{0.9f, -0.1f}, {-0.2f, 0.95f}, {0.0f, -0.99f}});
    StepReport report;
    const auto end = ebm::advance_reference(energy, x, step, place, 1, report);

    std::int64_t clipped = 0, clamped = 0;
    double distance = 0, norm_sum = 0, norm_max = 0;
    for (int i = 0; i < 3; ++i) {
        ebm::random::Place row = place;
        row.chain = static_cast<std::uint32_t>(i);
        const auto normals = ebm::random::normals(ebm::random::words(row, 0));
        double moved_squared = 0, norm_squared = 0, energy_there = 0;
        for (int e = 0; e < 2; ++e) {
            const double before = x[i][e].item<double>();
            const double noisy = std::clamp(before + 0.5 * normals[static_cast<std::size_t>(e)], -1.0, 1.0);
            const double gradient = noisy / 0.1;
            const double after = std::clamp(noisy - 0.3 * std::clamp(gradient, -4.0, 4.0), -1.0, 1.0);
            clipped += std::abs(gradient) > 4.0;
            clamped += std::abs(after) >= 1.0;
            moved_squared += (after - before) * (after - before);
            norm_squared += gradient * gradient;
            energy_there += noisy * noisy / 0.2;
            DOCTEST_CHECK(end.x[i][e].item<double>() == doctest::Approx(after).epsilon(1e-5));
        }
        distance += std::sqrt(moved_squared);
        norm_sum += std::sqrt(norm_squared);
        norm_max = std::max(norm_max, std::sqrt(norm_squared));
        DOCTEST_CHECK(end.energy[i].item<double>() == doctest::Approx(energy_there).epsilon(1e-5));
        DOCTEST_CHECK(end.gradient_norm[i].item<double>() ==
                      doctest::Approx(std::sqrt(norm_squared)).epsilon(1e-5));
    }
    DOCTEST_CHECK(report.clipped == clipped);
    DOCTEST_CHECK(report.clamped == clamped);
    DOCTEST_CHECK(report.chain_steps == 3);
    DOCTEST_CHECK(report.elements == 6);
    DOCTEST_CHECK(report.distance == doctest::Approx(distance).epsilon(1e-5));
    DOCTEST_CHECK(report.gradient_norm == doctest::Approx(norm_sum).epsilon(1e-5));
    DOCTEST_CHECK(report.gradient_norm_max == doctest::Approx(norm_max).epsilon(1e-5));
}

DOCTEST_TEST_CASE("clip and clamp counts are exact") {
    // Gradient (5, −2, 1, −3): two elements exceed 2 (|−2| does not), noise 0. Element 3 moves from 0.9 to
    // the wall.
    const Slope energy({5.0f, -2.0f, 1.0f, -3.0f});
    StepSettings step = step_of(Rule::published, 0.1f, 0.0f);
    step.gradient_clip = 2.0f;
    step.box = true;
    StepReport report;
    const Tensor x = torch::tensor({{0.0f, 0.0f, 0.0f, 0.9f}});
    const auto end = ebm::advance_reference(energy, x, step, {1}, 1, report);
    DOCTEST_CHECK(torch::allclose(end.x, torch::tensor({{-0.2f, 0.2f, -0.1f, 1.0f}})));
    DOCTEST_CHECK(report.clipped == 2);
    DOCTEST_CHECK(report.clamped == 1);

    // drift_limit shortens the clipped gradient (2, −2, 1, −2), norm √13, to length 1.
    step.drift_limit = 1.0f;
    StepReport limited;
    const auto shorter = ebm::advance_reference(energy, torch::zeros({1, 4}), step, {1}, 1, limited);
    DOCTEST_CHECK(limited.clipped == 2);
    DOCTEST_CHECK(torch::allclose(shorter.x, torch::tensor({{-0.2f, 0.2f, -0.1f, 0.2f}}) / std::sqrt(13.0f)));
}

DOCTEST_TEST_CASE("MALA rejects what leaves the box") {
    const Slope energy({0.0f, 0.0f});
    StepSettings step = step_of(Rule::mala, 50.0f, 0.0f);
    step.box = true;
    StepReport report;
    const Tensor x = torch::zeros({2000, 2});
    const auto end = ebm::advance_reference(energy, x, step, {3}, 1, report);
    DOCTEST_CHECK(end.x.abs().max().item<double>() <= 1.0);
    const Tensor moved = end.x.abs().sum(1).gt(0);
    DOCTEST_CHECK(report.accepted == moved.sum().item<std::int64_t>());
    DOCTEST_CHECK(torch::equal(end.accepted, moved));
    // Probability that N(0, 100 I) falls into [−1, 1]² is erf(0.1/√2)² = 0.00635.
    DOCTEST_CHECK(standard_errors(moved.to(torch::kDouble), std::pow(std::erf(0.1 / std::sqrt(2.0)), 2)) < 3);
}

DOCTEST_TEST_CASE("sampling leaves no gradient on the weights and no graph on the chains") {
    for (const Rule rule : {Rule::published, Rule::langevin, Rule::mala}) {
        const auto energy = make("mlp");
        StepSettings step = step_of(rule, 0.01f, 0.1f);
        step.box = true;
        step.jump_share = 0.3f;
        StepReport report;
        const Tensor x = torch::zeros({16, 2});
        for (const bool reference : {true, false}) {
            const auto end = reference ? ebm::advance_reference(*energy, x, step, {4}, 3, report)
                                       : ebm::advance(*energy, x, step, {4}, 3, report);
            for (const auto& [name, weight] : energy->parameters())
                DOCTEST_CHECK_FALSE(weight.grad().defined());
            for (const Tensor& tensor : {end.x, end.energy, end.gradient_norm}) {
                DOCTEST_CHECK_FALSE(tensor.requires_grad());
                DOCTEST_CHECK(tensor.grad_fn() == nullptr);
            }
            DOCTEST_CHECK(torch::equal(x, torch::zeros({16, 2})));
        }
    }
}

DOCTEST_TEST_CASE("a chain that stops being finite is named with its step") {
    // After step 0 x = −1e30; there E = −1e45 is beyond single precision.
    const Slope energy({1e15f, 0.0f});
    StepReport report;
    DOCTEST_CHECK(ebm::tests::contains(ebm::tests::failure_of([&] {
                                           ebm::advance_reference(energy, torch::zeros({1, 2}),
                                                                  step_of(Rule::langevin, 1e15f, 0.0f), {1},
                                                                  5, report);
                                       }),
                                       "sampling step 1"));
    DOCTEST_CHECK(report.non_finite_step == 1);
}

namespace {

/// Flat up to x₀ = 1 and `beyond` there.
class Wall final : public ebm::Energy {
public:
    explicit Wall(float beyond) : beyond_(beyond) {}
    ebm::Shape sample_shape() const override { return {2}; }
    torch::Tensor value(const ebm::Batch& batch) const override {
        const torch::Tensor flat = (batch.x * 0).sum(1);
        return torch::where(batch.x.select(1, 0) > 1, torch::full_like(flat, beyond_), flat);
    }
    std::shared_ptr<ebm::Energy> clone() const override { return std::make_shared<Wall>(beyond_); }

private:
    float beyond_;
};

} // namespace

DOCTEST_TEST_CASE(
    "a proposal of infinite energy is refused; one of none, or of minus infinity, is a failure") {
    const float infinite = std::numeric_limits<float>::infinity();
    for (const Rule rule : {Rule::mala, Rule::langevin}) {
        StepSettings step = step_of(rule, 0.01f, rule == Rule::mala ? 0.0f : 0.001f);
        step.box = true;
        step.box_low = -4;
        step.box_high = 4;
        step.jump_share = 0.5f;
        StepReport report;
        const auto run = [&](float beyond) {
            return ebm::advance_reference(Wall(beyond), torch::zeros({50, 2}), step, {3}, 10, report);
        };
        DOCTEST_CHECK(run(infinite).x.select(1, 0).max().item<float>() <= 1.5f);
        DOCTEST_CHECK(report.jumps > report.jumps_accepted);
        DOCTEST_CHECK(report.non_finite_step == -1);
        for (const float impossible : {-infinite, static_cast<float>(NAN)}) {
            DOCTEST_CHECK_THROWS_AS(run(impossible), ebm::Error);
            DOCTEST_CHECK(report.non_finite_step == 0);
        }
    }
}

DOCTEST_TEST_CASE("chains are a function of seed, chain and step, not of the batch or the split in calls") {
    const auto energy = make("banana");
    StepSettings step = step_of(Rule::mala, 0.05f, 0.0f);
    step.box = true;
    step.box_low = -4;
    step.box_high = 4;
    step.jump_share = 0.1f;
    step.spread = 4;
    StepReport report;
    const Tensor x = ebm::uniform_samples(10, {2}, -1, 1, {9, ebm::random::Stream::start});
    const auto whole = ebm::advance_reference(*energy, x, step, {9}, 7, report);
    const auto first = ebm::advance_reference(*energy, x.slice(0, 4), step, {9, {}, 0, 4, 0}, 3, report);
    const auto second = ebm::advance_reference(*energy, first.x, step, {9, {}, 0, 4, 3}, 4, report);
    DOCTEST_CHECK(torch::equal(second.x, whole.x.slice(0, 4)));
    DOCTEST_CHECK(torch::equal(second.energy, whole.energy.slice(0, 4)));
}

DOCTEST_TEST_CASE("zero steps give the state back with its energy") {
    const RoundGaussian energy(1.0);
    StepReport report;
    const Tensor x = torch::tensor({{3.0f, 4.0f}});
    const auto end = ebm::advance_reference(energy, x, step_of(Rule::langevin, 0.1f, 0.1f), {1}, 0, report);
    DOCTEST_CHECK(torch::equal(end.x, x));
    DOCTEST_CHECK(end.energy.item<float>() == 12.5f);
    DOCTEST_CHECK(end.gradient_norm.item<float>() == 5.0f);
}

DOCTEST_TEST_CASE("settings become the internal form, and T is s^2 / 2a") {
    ebm::Settings settings;
    settings.sampler.kind = ebm::SamplerKind::langevin;
    settings.sampler.step_size = 0.02;
    auto step = ebm::step_settings(settings);
    DOCTEST_CHECK(step.rule == Rule::langevin);
    DOCTEST_CHECK(step.drift == doctest::Approx(0.01));
    DOCTEST_CHECK(step.noise == doctest::Approx(std::sqrt(0.02)));
    DOCTEST_CHECK(ebm::implied_temperature(step) == doctest::Approx(1.0));

    settings.sampler.mode = ebm::SamplerMode::published;
    settings.sampler.step_size = 10;
    settings.sampler.noise = 0.005;
    step = ebm::step_settings(settings);
    DOCTEST_CHECK(step.rule == Rule::published);
    DOCTEST_CHECK(step.drift == 10.0f);
    DOCTEST_CHECK(ebm::implied_temperature(step) == doctest::Approx(1.25e-6));

    settings.sampler.kind = ebm::SamplerKind::mala;
    step = ebm::step_settings(settings);
    DOCTEST_CHECK(step.rule == Rule::mala);
    DOCTEST_CHECK(step.drift == 5.0f);
    DOCTEST_CHECK(ebm::implied_temperature(step) == 1.0);
    settings.sampler.box = false;
    DOCTEST_CHECK(ebm::step_settings(settings).jump_share == 0.0f);
}

DOCTEST_TEST_CASE(
    "the temperature is a setting of true Langevin and MALA, and follows from the step as published") {
    ebm::Settings settings;
    settings.sampler.temperature = 2.5;
    settings.sampler.step_size = 0.02;
    for (const auto kind : {ebm::SamplerKind::langevin, ebm::SamplerKind::mala}) {
        settings.sampler.kind = kind;
        const StepSettings step = ebm::step_settings(settings);
        DOCTEST_CHECK(step.drift == doctest::Approx(0.01));
        DOCTEST_CHECK(ebm::implied_temperature(step) == doctest::Approx(2.5));
        DOCTEST_CHECK(ebm::density_temperature(settings) == 2.5);
    }
    settings.sampler.kind = ebm::SamplerKind::langevin;
    settings.sampler.mode = ebm::SamplerMode::published;
    settings.sampler.noise = 0.1;
    const StepSettings step = ebm::step_settings(settings);
    DOCTEST_CHECK(step.noise == 0.1f);
    DOCTEST_CHECK(step.temperature == 1.0f);
    DOCTEST_CHECK(ebm::implied_temperature(step) == doctest::Approx(0.25));
    DOCTEST_CHECK(ebm::density_temperature(settings) == 1.0);
}

DOCTEST_TEST_CASE("at another temperature a Gaussian has the variance T v") {
    const double variance = 0.5;
    const RoundGaussian energy(variance);
    ebm::Settings settings;
    settings.sampler.box_low = -20;
    settings.sampler.box_high = 20;
    for (const double temperature : {0.2, 3.0}) {
        DOCTEST_CAPTURE(temperature);
        settings.sampler.temperature = temperature;
        // Langevin without spread: the stationary variance of the discretised chain is T v / (1 − λ / (4 v)).
        settings.sampler.kind = ebm::SamplerKind::langevin;
        settings.sampler.step_size = 0.1;
        settings.sampler.step_spread = 1;
        settings.sampler.jump_share = 0;
        settings.sampler.drift_limit = settings.sampler.gradient_clip = 0;
        StepReport report;
        auto end = ebm::advance_reference(energy, torch::zeros({6000, 2}), ebm::step_settings(settings), {21},
                                          100, report);
        DOCTEST_CHECK(standard_errors(end.x.square().flatten(),
                                      temperature * variance / (1 - 0.1 / (4 * variance))) < 3);
        // MALA with all that it offers, jumps too: exact at steps that are far too long for Langevin.
        settings.sampler.kind = ebm::SamplerKind::mala;
        settings.sampler.step_size = 0.8;
        settings.sampler.step_spread = 2;
        settings.sampler.drift_limit = 1;
        settings.sampler.gradient_clip = 0.9;
        for (const double jump_share : {0.0, 0.3}) {
            settings.sampler.jump_share = jump_share;
            end = ebm::advance_reference(energy, torch::zeros({6000, 2}), ebm::step_settings(settings), {22},
                                         150, report);
            DOCTEST_CHECK(standard_errors(end.x.square().flatten(), temperature * variance) < 3);
        }
    }
}

DOCTEST_TEST_CASE("jumps of Langevin chains are accepted at the temperature of the chains") {
    const RoundGaussian energy(1.0);
    StepSettings step = step_of(Rule::langevin, 0.0f, 0.0f); // jumps alone
    step.box = true;
    step.box_low = -12;
    step.box_high = 12;
    step.jump_share = 1;
    step.temperature = 4;
    StepReport report;
    const auto end = ebm::advance_reference(energy, torch::zeros({4000, 2}), step, {23}, 300, report);
    DOCTEST_CHECK(standard_errors(end.x.square().flatten(), 4.0) < 3);
}

DOCTEST_TEST_CASE("uniform and normal samples have the right moments and do not depend on the batch") {
    const ebm::random::Place place{31, ebm::random::Stream::start, 2, 0, 5};
    const Tensor uniform = ebm::uniform_samples(5000, {3}, -2, 6, place);
    DOCTEST_CHECK(uniform.min().item<float>() >= -2);
    DOCTEST_CHECK(uniform.max().item<float>() < 6);
    DOCTEST_CHECK(standard_errors(uniform.flatten(), 2) < 3);
    DOCTEST_CHECK(standard_errors((uniform.flatten() - 2).square(), 64.0 / 12) < 3);
    const Tensor normal = ebm::normal_samples(5000, {3}, place);
    DOCTEST_CHECK(standard_errors(normal.flatten(), 0) < 3);
    DOCTEST_CHECK(standard_errors(normal.flatten().square(), 1) < 3);
    DOCTEST_CHECK(standard_errors(normal.flatten().pow(4), 3) < 3);
    ebm::random::Place later = place;
    later.chain = 17;
    DOCTEST_CHECK(torch::equal(ebm::uniform_samples(4, {3}, -2, 6, later), uniform.slice(0, 17, 21)));
    DOCTEST_CHECK(torch::equal(ebm::normal_samples(4, {3}, later), normal.slice(0, 17, 21)));
}

DOCTEST_TEST_CASE("Energies that are shown beside the chains are those of where the chains are") {
    const RoundGaussian energy(0.5);
    const Tensor x = torch::tensor({1.0f, 0.0f, -2.0f, 1.0f, 0.5f, 0.5f}).view({3, 2});
    const ebm::random::Place place{3, ebm::random::Stream::noise, 0, 0, 0};
    for (const Rule rule : {Rule::langevin, Rule::published, Rule::mala}) {
        DOCTEST_CAPTURE(static_cast<int>(rule));
        const StepSettings step = step_of(rule, 0.1f, rule == Rule::published ? 0.01f : std::sqrt(0.2f));
        StepReport report;
        ebm::ChainState state = ebm::advance(energy, x, step, place, 5, report);
        const Tensor expected = energy.value(state.x), norm = (state.x / 0.5).norm(2, 1);
        // The unadjusted rules know them only where the last gradient was taken.
        DOCTEST_CHECK(torch::allclose(state.energy, expected) == (rule == Rule::mala));
        ebm::evaluate_at_state(energy, step, state);
        DOCTEST_CHECK(torch::allclose(state.energy, expected));
        DOCTEST_CHECK(torch::allclose(state.gradient_norm, norm));
    }
}
