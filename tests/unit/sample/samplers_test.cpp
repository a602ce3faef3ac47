#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "core/sample/leapfrog.h"
#include "core/sample/samplers.h"
#include "core/settings/settings.h"
#include "tests/unit/failure.h"
#include "tests/unit/sample/standard_errors.h"

#include <cmath>
#include <limits>

namespace {

using namespace ebm;
using tests::standard_errors;
using torch::Tensor;

/// E = Σ xᵢ² / (2 vᵢ): narrow along x, wide along y.
class Gaussian final : public Energy {
public:
    Shape sample_shape() const override { return {2}; }
    Tensor value(const Batch& batch) const override {
        return (batch.x.square() / torch::tensor({0.5f, 2.0f})).sum(1);
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Gaussian>(*this); }
};

/// Two narrow wells at x = ±3, three quarters of the mass in the right one; the barrier is 30 nats high.
class Wells final : public Energy {
public:
    Shape sample_shape() const override { return {2}; }
    Tensor value(const Batch& batch) const override {
        const Tensor centre = torch::tensor({3.0f, 0.0f});
        const auto log_part = [&](const Tensor& at, double share) {
            return std::log(share) - (batch.x - at).square().sum(1) / (2 * 0.15);
        };
        return -torch::logaddexp(log_part(centre, 0.75), log_part(-centre, 0.25));
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Wells>(*this); }
};

struct Run {
    Tensor x; ///< [draws, N, 2], the last ones
    SamplerReport report;
};

Run run(const char* name, const Energy& energy, const Tensor& start, SamplerTuning tuning, int steps,
        int kept, std::uint64_t seed = 5) {
    const SamplerRecord& record = find_sampler(name);
    SamplerState state;
    Run result;
    record.init(energy, start, tuning, state, result.report);
    std::vector<Tensor> draws;
    for (int k = 0; k < steps; ++k) {
        record.step(energy, state, tuning, {seed, {}, 5, 0, static_cast<std::uint32_t>(k)}, result.report);
        if (k >= steps - kept) draws.push_back(state["x"].clone());
    }
    result.x = torch::stack(draws);
    return result;
}

SamplerTuning tuning(double step, float box = 12) {
    SamplerTuning t;
    t.step = step;
    t.box_low = -box;
    t.box_high = box;
    return t;
}

} // namespace

DOCTEST_TEST_CASE("samplers: every exact one gives a Gaussian its moments, at other temperatures too") {
    const Gaussian energy;
    for (const SamplerRecord& record : samplers()) {
        if (!record.exact) continue;
        for (const double temperature : {1.0, 0.3}) {
            DOCTEST_CAPTURE(record.name);
            DOCTEST_CAPTURE(temperature);
            SamplerTuning t = tuning(record.step_name == "\u03b5" ? 0.35 * std::sqrt(temperature) : 0.5);
            t.temperature = temperature;
            t.leapfrogs = 7;
            t.replicas = 3;
            const Run end = run(record.name.data(), energy, torch::zeros({4000, 2}), t, 80, 1);
            const Tensor x = end.x[0];
            DOCTEST_CHECK(standard_errors(x.select(1, 0), 0) < 3.5);
            DOCTEST_CHECK(standard_errors(x.select(1, 0).square(), 0.25 * temperature) < 3.5);
            DOCTEST_CHECK(standard_errors(x.select(1, 1).square(), temperature) < 3.5);
            const double acceptance = end.report.share(SamplerReport::accepted, SamplerReport::proposals);
            DOCTEST_CHECK(acceptance > 0.3);
            DOCTEST_CHECK(acceptance < 0.999); // something was refused, so that it is tested
        }
    }
}

DOCTEST_TEST_CASE("samplers: Langevin's variance is off by the step, as the closed form says") {
    const Gaussian energy;
    const double step = 0.2, a = step / 2; // x ← (1 − a/v) x + √λ ξ has the variance v / (1 − a/(2 v))
    const Run end = run("langevin", energy, torch::zeros({20000, 2}), tuning(step), 60, 1);
    DOCTEST_CHECK(standard_errors(end.x[0].select(1, 0).square(), 0.25 / (1 - a / 0.5)) < 3);
    DOCTEST_CHECK(end.report[SamplerReport::proposals] == 0);
}

DOCTEST_TEST_CASE("samplers: Langevin and MALA are the chains of the fused loop") {
    Settings settings;
    settings.model.energy = "mlp";
    const auto energy = make_energy(settings, {2}, 7);
    const Tensor start = uniform_samples(40, {2}, -3, 3, {3});
    for (const char* name : {"langevin", "mala"}) {
        DOCTEST_CAPTURE(name);
        SamplerTuning t = tuning(0.05, 4);
        t.drift_limit = 1.5f;
        t.gradient_clip = 1;
        t.temperature = 1.6;
        const Run end = run(name, *energy, start, t, 12, 1);
        kernels::StepReport report;
        const auto rule = std::string(name) == "mala" ? kernels::Rule::mala : kernels::Rule::langevin;
        const ChainState state = advance(*energy, start, move_of(t, rule), {5, {}, 5, 0, 0}, 12, report);
        DOCTEST_CHECK((state.x - end.x[0]).abs().max().item<double>() < 2e-4);
        DOCTEST_CHECK(end.report[SamplerReport::accepted] == report.accepted);
        // One evaluation at the start and one a draw.
        DOCTEST_CHECK(end.report[SamplerReport::gradients] == 40 * 13);
    }
}

DOCTEST_TEST_CASE("samplers: leapfrogs run backwards lead back, through mirrors too") {
    const Wells energy;
    const auto force = [&](const Tensor& x) {
        return energy.Energy::value_and_gradient({x.to(torch::kFloat)}).gradient.to(torch::kDouble);
    };
    const Tensor x = uniform_samples(50, {2}, -1, 1, {3}).to(torch::kDouble),
                 p = 4 * normal_samples(50, {2}, {4}).to(torch::kDouble);
    for (const Walls& walls : {Walls{}, Walls{-1.25, 1.5}}) {
        PhasePoint phase{x, p, force(x)};
        leapfrog(phase, torch::full({50}, 0.02, torch::kDouble), 30, walls, force);
        DOCTEST_CHECK((phase.x - x).norm(2, 1).min().item<double>() > 0.05); // they went somewhere
        DOCTEST_CHECK(phase.x.abs().max().item<double>() <= (walls.high < 2 ? 1.5 : 100));
        phase.momentum = -phase.momentum;
        leapfrog(phase, torch::full({50}, 0.02, torch::kDouble), 30, walls, force);
        DOCTEST_CHECK((phase.x - x).abs().max().item<double>() < 1e-4);
        DOCTEST_CHECK((phase.momentum + p).abs().max().item<double>() < 1e-3);
    }
}

DOCTEST_TEST_CASE("samplers: mirrors keep a uniform density uniform, where refusing would not be needed") {
    class Flat final : public Energy {
    public:
        Shape sample_shape() const override { return {2}; }
        Tensor value(const Batch& batch) const override { return 0 * batch.x.sum(1); }
        std::shared_ptr<Energy> clone() const override { return std::make_shared<Flat>(*this); }
    };
    SamplerTuning t = tuning(0.7, 1);
    t.leapfrogs = 5;
    const Run end = run("hmc", Flat(), torch::full({4000, 2}, 0.9f), t, 20, 1);
    DOCTEST_CHECK(standard_errors(end.x[0].select(1, 0), 0) < 3);
    DOCTEST_CHECK(standard_errors(end.x[0].select(1, 1).square(), 1.0 / 3) < 3);
    DOCTEST_CHECK(end.report[SamplerReport::accepted] == end.report[SamplerReport::proposals]);
}

DOCTEST_TEST_CASE("samplers: tempering finds the shares of two wells that the others never leave") {
    const Wells energy;
    const Tensor start = torch::tensor({-3.0f, 0.0f}).repeat({300, 1});
    SamplerTuning t = tuning(0.1, 5);
    t.replicas = 6;
    t.hottest = 40;
    const Run tempered = run("tempering", energy, start, t, 1200, 1);
    DOCTEST_CHECK(standard_errors((tempered.x[0].select(1, 0) > 0).to(torch::kDouble), 0.75) < 3);
    // Within a well: variance 0.15.
    DOCTEST_CHECK(standard_errors(tempered.x[0].select(1, 1).square(), 0.15) < 3);
    DOCTEST_CHECK(tempered.report.share(SamplerReport::swaps_accepted, SamplerReport::swaps) > 0.1);
    DOCTEST_CHECK(tempered.report[SamplerReport::gradients] == 300 * 6 * 1201);
    const Run plain = run("mala", energy, start, t, 1200, 1);
    DOCTEST_CHECK((plain.x[0].select(1, 0) > 0).sum().item<std::int64_t>() == 0);
}

DOCTEST_TEST_CASE("samplers: moves and swaps of tempering leave the joint density of all replicas alone") {
    // Every replica starts from its own density; after some steps each still has it.
    const Gaussian energy;
    SamplerTuning t = tuning(1.0);
    t.replicas = 3;
    t.hottest = 9;
    const SamplerRecord& record = find_sampler("tempering");
    SamplerState state;
    SamplerReport report;
    const std::int64_t n = 4000;
    record.init(energy, torch::zeros({n, 2}), t, state, report);
    const Tensor temperatures = torch::tensor({1.0f, 3.0f, 9.0f}).repeat_interleave(n);
    state["replicas x"] =
        normal_samples(3 * n, {2}, {8}) * torch::tensor({0.5f, 1.0f}) * temperatures.sqrt().unsqueeze(1);
    const auto found = energy.value_and_gradient({state["replicas x"]});
    state["replicas energy"] = found.value;
    state["replicas gradient"] = found.gradient;
    for (std::uint32_t k = 0; k < 5; ++k)
        record.step(energy, state, t, {9, {}, 5, 0, k}, report);
    for (int replica = 0; replica < 3; ++replica) {
        DOCTEST_CAPTURE(replica);
        const Tensor y = state["replicas x"].slice(0, replica * n, (replica + 1) * n).select(1, 1);
        DOCTEST_CHECK(standard_errors(y.square(), std::pow(3.0, replica)) < 3.5);
    }
    const auto again = energy.value_and_gradient({state["replicas x"]});
    DOCTEST_CHECK(torch::allclose(again.value, state["replicas energy"]));
    DOCTEST_CHECK(torch::allclose(again.gradient, state["replicas gradient"]));
    DOCTEST_CHECK(torch::equal(state["x"], state["replicas x"].slice(0, 0, n)));
}

DOCTEST_TEST_CASE("samplers: the seed says every number, at any thread count and in any batch") {
    Settings settings;
    settings.model.energy = "mlp";
    const auto energy = make_energy(settings, {2}, 7);
    const Tensor start = uniform_samples(40, {2}, -3, 3, {3});
    const int threads = at::get_num_threads();
    for (const SamplerRecord& record : samplers()) {
        DOCTEST_CAPTURE(record.name);
        std::vector<Tensor> ends;
        for (const int count : {1, 3}) {
            at::set_num_threads(count);
            ends.push_back(run(record.name.data(), *energy, start, tuning(0.05, 4), 6, 1).x);
        }
        DOCTEST_CHECK(torch::equal(ends[0], ends[1]));
        DOCTEST_CHECK_FALSE(
            torch::equal(ends[0], run(record.name.data(), *energy, start, tuning(0.05, 4), 6, 1, 6).x));
    }
    at::set_num_threads(threads);
}

DOCTEST_TEST_CASE(
    "samplers: a dry run finds a step of the wanted acceptance, from far too small and too large") {
    const Gaussian energy;
    const Tensor start = normal_samples(64, {2}, {8});
    for (const SamplerRecord& known : samplers()) {
        for (const double first : {1e-4, 30.0}) {
            SamplerRecord record = known;
            record.first_step = first;
            DOCTEST_CAPTURE(record.name);
            DOCTEST_CAPTURE(first);
            StepSearch search(record, energy, start, tuning(1), {5, {}, 6, 0, 0});
            while (search.done() < 1)
                search.advance();
            const char* mover = record.tuned_as.empty() ? record.name.data() : record.tuned_as.data();
            const Run after = run(mover, energy, start, tuning(search.found()), 200, 1);
            DOCTEST_CHECK(after.report.share(SamplerReport::accepted, SamplerReport::proposals) ==
                          doctest::Approx(record.wanted_acceptance).epsilon(0.08));
        }
    }
}

DOCTEST_TEST_CASE("samplers: a start that is not finite and a ladder without rungs are told") {
    const Gaussian energy;
    SamplerState state;
    SamplerReport report;
    const Tensor bad = torch::full({2, 2}, std::numeric_limits<float>::quiet_NaN());
    for (const SamplerRecord& record : samplers())
        DOCTEST_CHECK_THROWS_AS(record.init(energy, bad, tuning(1), state, report), Error);
    SamplerTuning t = tuning(1);
    t.replicas = 1;
    DOCTEST_CHECK_THROWS_AS(find_sampler("tempering").init(energy, torch::zeros({2, 2}), t, state, report),
                            Error);
    DOCTEST_CHECK_THROWS_AS(find_sampler("hcm"), Error);
}
