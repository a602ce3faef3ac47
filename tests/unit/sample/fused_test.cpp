#include <doctest/doctest.h>

#include "core/base/tensor.h"
#include "core/energy/energy.h"
#include "core/sample/sampler.h"
#include "core/settings/settings.h"

namespace {

using ebm::kernels::Rule;
using ebm::kernels::StepReport;
using ebm::kernels::StepSettings;
using torch::Tensor;

struct Case {
    std::string energy;
    ebm::Shape shape;
    StepSettings step;
};

std::vector<Case> cases() {
    StepSettings published;
    published.gradient_clip = 0.03f;
    StepSettings langevin;
    langevin.rule = Rule::langevin;
    langevin.drift = 0.01f;
    langevin.noise = 0.1f;
    langevin.spread = 2;
    langevin.drift_limit = 5;
    langevin.box_low = -4;
    langevin.box_high = 4;
    langevin.jump_share = 0.1f;
    StepSettings mala = langevin;
    mala.rule = Rule::mala;
    mala.spread = 4;
    StepSettings warm = mala;
    warm.temperature = 3;
    return {{"mlp", {2}, langevin},
            {"mlp", {2}, mala},
            {"mlp", {2}, warm},
            {"conv", {1, 28, 28}, published},
            {"conv", {3, 10, 7}, published}};
}

std::shared_ptr<ebm::Energy> make_case(const Case& c) {
    ebm::Settings settings;
    settings.model.energy = c.energy;
    return ebm::make_energy(settings, c.shape, 5);
}

double relative_difference(const Tensor& a, const Tensor& b) {
    return ((a - b).norm() / b.norm()).item<double>();
}

} // namespace

DOCTEST_TEST_CASE("fused energies and gradients equal LibTorch's") {
    for (const Case& c : cases()) {
        DOCTEST_CAPTURE(c.energy);
        const auto energy = make_case(c);
        const Tensor x = ebm::uniform_samples(37, c.shape, c.step.box_low, c.step.box_high, {1});
        const auto fused = energy->value_and_gradient(x), reference = energy->Energy::value_and_gradient(x);
        DOCTEST_CHECK(energy->kernel_name().starts_with("fused"));
        DOCTEST_CHECK(relative_difference(fused.value, reference.value) < 1e-5);
        DOCTEST_CHECK(relative_difference(fused.gradient, reference.gradient) < 1e-5);
    }
}

DOCTEST_TEST_CASE("fused chains equal the reference over 100 steps") {
    for (const Case& c : cases()) {
        DOCTEST_CAPTURE(c.energy);
        DOCTEST_CAPTURE(static_cast<int>(c.step.rule));
        const auto energy = make_case(c);
        const std::int64_t chains = c.energy == "mlp" ? 150 : 5;
        const Tensor start = ebm::uniform_samples(chains, c.shape, c.step.box_low, c.step.box_high, {2});
        const ebm::random::Place place{77, {}, 3, 1000, 50};
        StepReport fused_report, reference_report;
        const auto fused = ebm::advance(*energy, start, c.step, place, 100, fused_report);
        const auto reference = ebm::advance_reference(*energy, start, c.step, place, 100, reference_report);

        // Rounding may turn an acceptance over, rarely; such a chain goes its own way. All others agree.
        const Tensor distance = (fused.x - reference.x).flatten(1).norm(2, 1);
        const Tensor agree = distance < 1e-3 * std::sqrt(static_cast<double>(start.numel() / chains));
        DOCTEST_CHECK(agree.to(torch::kDouble).mean().item<double>() > 0.97);
        DOCTEST_CHECK((fused.energy - reference.energy).abs().mul(agree).max().item<double>() < 1e-2);
        DOCTEST_CHECK((fused.gradient_norm - reference.gradient_norm).abs().mul(agree).max().item<double>() <
                      1e-2);
        DOCTEST_CHECK(
            fused.accepted.eq(reference.accepted).logical_or(agree.logical_not()).all().item<bool>());

        const auto close = [](auto a, auto b) {
            return static_cast<double>(a) == doctest::Approx(static_cast<double>(b)).epsilon(0.02);
        };
        DOCTEST_CHECK(fused_report.chain_steps == reference_report.chain_steps);
        DOCTEST_CHECK(fused_report.elements == reference_report.elements);
        DOCTEST_CHECK(fused_report.proposals == reference_report.proposals);
        DOCTEST_CHECK(fused_report.jumps == reference_report.jumps);
        DOCTEST_CHECK(close(fused_report.accepted, reference_report.accepted));
        DOCTEST_CHECK(close(fused_report.jumps_accepted, reference_report.jumps_accepted));
        DOCTEST_CHECK(close(fused_report.gradient_norm, reference_report.gradient_norm));
        DOCTEST_CHECK(close(fused_report.gradient_norm_max, reference_report.gradient_norm_max));
        DOCTEST_CHECK(close(fused_report.distance, reference_report.distance));
        DOCTEST_CHECK(close(fused_report.clipped, reference_report.clipped));
        DOCTEST_CHECK(close(fused_report.clamped, reference_report.clamped));
    }
}

DOCTEST_TEST_CASE("the thread count changes nothing, to the bit") {
    const int threads = at::get_num_threads();
    for (const Case& c : cases()) {
        DOCTEST_CAPTURE(c.energy);
        const auto energy = make_case(c);
        const Tensor start = ebm::uniform_samples(70, c.shape, c.step.box_low, c.step.box_high, {2});
        std::vector<ebm::ChainState> ends;
        std::vector<StepReport> reports(3);
        for (const int count : {1, 2, 3}) {
            at::set_num_threads(count);
            ends.push_back(
                ebm::advance(*energy, start, c.step, {5}, 8, reports[static_cast<std::size_t>(count - 1)]));
        }
        for (int i = 1; i < 3; ++i) {
            const auto& end = ends[static_cast<std::size_t>(i)];
            DOCTEST_CHECK(torch::equal(end.x, ends[0].x));
            DOCTEST_CHECK(torch::equal(end.energy, ends[0].energy));
            DOCTEST_CHECK(torch::equal(end.gradient_norm, ends[0].gradient_norm));
            DOCTEST_CHECK(reports[static_cast<std::size_t>(i)].accepted == reports[0].accepted);
            DOCTEST_CHECK(reports[static_cast<std::size_t>(i)].distance == reports[0].distance);
        }
    }
    at::set_num_threads(threads);
}

DOCTEST_TEST_CASE("weights_changed repacks the fused kernel") {
    for (const Case& c : cases()) {
        const auto energy = make_case(c);
        const Tensor x = ebm::uniform_samples(3, c.shape, c.step.box_low, c.step.box_high, {1});
        const torch::NoGradGuard no_graph;
        for (const auto& [name, weight] : energy->parameters())
            weight.mul_(1.5);
        energy->weights_changed();
        const auto reference = energy->Energy::value_and_gradient(x);
        DOCTEST_CHECK(torch::allclose(energy->value(x), reference.value, 1e-4, 1e-5));
    }
}
