#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "core/energy/painted.h"
#include "core/energy/sum.h"
#include "core/kernels/fused_kernel.h"
#include "core/lab/views.h"
#include "core/measure/quadrature.h"
#include "core/sample/sampler.h"
#include "tests/unit/failure.h"

#include <cmath>
#include <functional>

using namespace ebm;
using tests::contains;
using tests::failure_of;
using torch::Tensor;

namespace {

std::shared_ptr<Energy> energy(const std::string& name, const Shape& shape = {2}, int classes = 0) {
    Settings settings;
    settings.model.energy = name;
    settings.model.conditional = classes > 0;
    settings.model.channels = 4;
    settings.model.stages = "1,2";
    return make_energy(settings, shape, 3, classes);
}

std::shared_ptr<Energy> sum(const std::vector<std::pair<const char*, double>>& parts, Composition joined) {
    std::vector<EnergyTerm> terms;
    for (const auto& [name, weight] : parts)
        terms.push_back({energy(name), weight});
    return std::make_shared<SumEnergy>(std::move(terms), joined, false);
}

double double_well(double x, double y) {
    const double u = x * x / 4 - 1;
    return 4 * u * u + y * y / 0.98;
}
double ring(double x, double y) {
    const double r = std::sqrt(x * x + y * y) - 2;
    return r * r / 0.08;
}
double left_half(double x) {
    return std::log(1 + std::exp(2 * x));
}

/// Compositions of every kind, with the step that suits their samples.
struct Composed {
    std::string name;
    std::shared_ptr<Energy> energy;
    kernels::StepSettings step;
    Tensor labels;
    std::int64_t chains = 150;
};
std::vector<Composed> composed_energies() {
    kernels::StepSettings langevin;
    langevin.rule = kernels::Rule::langevin;
    langevin.drift = 0.01f;
    langevin.noise = 0.1f;
    langevin.spread = 2;
    langevin.drift_limit = 5;
    langevin.box_low = -4;
    langevin.box_high = 4;
    langevin.jump_share = 0.1f;
    kernels::StepSettings mala = langevin;
    mala.rule = kernels::Rule::mala;
    kernels::StepSettings published;
    published.gradient_clip = 0.03f;
    std::vector<Composed> list;
    for (const kernels::StepSettings& step : {langevin, mala}) {
        list.push_back(
            {"and", sum({{"ring", 1}, {"double_well", 0.5}, {"mlp", 1}}, Composition::all), step, {}});
        list.push_back({"not", sum({{"ring", 1}, {"left_half", -1.5}}, Composition::all), step, {}});
        list.push_back({"or", sum({{"ring", 1}, {"gaussian_mixture", 0.4}}, Composition::any), step, {}});
    }
    list.push_back({"flat", sum({{"ring", 0}}, Composition::all), langevin, {}});
    data::Drawing bar;
    for (std::size_t i = 60 * 128; i < 66 * 128; ++i)
        bar.cells[i] = static_cast<std::uint8_t>(i % 128 + 100);
    list.push_back(
        {"wall",
         std::make_shared<SumEnergy>(std::vector<EnergyTerm>{{energy("ring")}, {painted_energy(bar)}},
                                     Composition::all, true),
         mala,
         {}});
    const Shape picture{3, 8, 8};
    const auto by_shape = energy("residual", picture, 3), by_colour = energy("residual", picture, 2);
    list.push_back(
        {"classes given",
         std::make_shared<SumEnergy>(std::vector<EnergyTerm>{{by_shape, 1, 2}, {by_colour, 0.7, 0}},
                                     Composition::all, false),
         published,
         {},
         5});
    list.push_back({"any class",
                    std::make_shared<SumEnergy>(std::vector<EnergyTerm>{{by_shape, 1, -1}, {by_colour, 1, 1}},
                                                Composition::any, false),
                    published,
                    {},
                    5});
    list.push_back({"by class",
                    std::make_shared<SumEnergy>(
                        std::vector<EnergyTerm>{{by_shape, 0.5}, {energy("residual", picture, 3), 0.5}},
                        Composition::all, true),
                    published, torch::tensor({0, 1, 2, 0, 1}, torch::kLong), 5});
    return list;
}

double difference_to(const Tensor& a, const Tensor& b) {
    return ((a - b).norm() / b.norm().clamp_min(1e-6)).item<double>();
}

} // namespace

DOCTEST_TEST_CASE("Composed energies are what the formulas say") {
    const auto all = sum({{"ring", 2}, {"double_well", -0.5}}, Composition::all);
    const auto any = sum({{"ring", 0.25}, {"double_well", 2}}, Composition::any);
    const auto left = sum({{"left_half", 1}}, Composition::all);
    for (const auto& [x, y] : std::vector<std::pair<double, double>>{{0.3, 0.4}, {-2.1, 1}, {3, -3.5}}) {
        const Tensor at = torch::tensor({{x, y}}).to(torch::kFloat);
        const torch::NoGradGuard no_graph;
        DOCTEST_CHECK(all->value(at).item<double>() ==
                      doctest::Approx(2 * ring(x, y) - 0.5 * double_well(x, y)).epsilon(1e-4));
        const double mixture = -std::log(0.25 * std::exp(-ring(x, y)) + 2 * std::exp(-double_well(x, y)));
        DOCTEST_CHECK(any->value(at).item<double>() == doctest::Approx(mixture).epsilon(1e-4));
        DOCTEST_CHECK(left->value(at).item<double>() == doctest::Approx(left_half(x)).epsilon(1e-4));
    }
    // A part without weight is left out, whatever it is: without it the other alone counts.
    const Tensor x = uniform_samples(20, {2}, -4, 4, {1});
    DOCTEST_CHECK(torch::allclose(sum({{"ring", 0}, {"banana", 1}}, Composition::any)->value(x),
                                  energy("banana")->value(x)));
}

DOCTEST_TEST_CASE("Composed energies: kernels and own gradients equal LibTorch's, on planes and pictures") {
    for (const Composed& c : composed_energies()) {
        DOCTEST_CAPTURE(c.name);
        const Tensor x =
            uniform_samples(c.chains, c.energy->sample_shape(), c.step.box_low, c.step.box_high, {1});
        const Batch batch{x, c.labels};
        const auto reference = c.energy->Energy::value_and_gradient(batch);
        const auto own = c.energy->value_and_gradient(batch);
        DOCTEST_CHECK(difference_to(own.value, reference.value) < 1e-5);
        DOCTEST_CHECK(difference_to(own.gradient, reference.gradient) < 1e-4);
        const FusedKernel* kernel = c.energy->fused();
        DOCTEST_REQUIRE(kernel);
        Tensor value = torch::empty({x.size(0)}), gradient = torch::empty_like(x);
        kernel->evaluate(x.data_ptr<float>(), x.size(0), value.data_ptr<float>(), gradient.data_ptr<float>(),
                         c.labels.defined() ? c.labels.data_ptr<std::int64_t>() : nullptr);
        DOCTEST_CHECK(difference_to(value, reference.value) < 1e-5);
        DOCTEST_CHECK(difference_to(gradient, reference.gradient) < 1e-4);
    }
}

DOCTEST_TEST_CASE(
    "Composed energies: fused chains equal the reference over 60 steps, on any number of threads") {
    const int threads = at::get_num_threads();
    for (const Composed& c : composed_energies()) {
        DOCTEST_CAPTURE(c.name);
        DOCTEST_CAPTURE(static_cast<int>(c.step.rule));
        const Batch start{
            uniform_samples(c.chains, c.energy->sample_shape(), c.step.box_low, c.step.box_high, {2}),
            c.labels};
        const random::Place place{77, {}, 3, 1000, 50};
        kernels::StepReport fused_report, reference_report, again_report;
        at::set_num_threads(3);
        const auto fused = advance(*c.energy, start, c.step, place, 60, fused_report);
        at::set_num_threads(1);
        const auto again = advance(*c.energy, start, c.step, place, 60, again_report);
        const auto reference = advance_reference(*c.energy, start, c.step, place, 60, reference_report);
        DOCTEST_CHECK(torch::equal(fused.x, again.x));
        DOCTEST_CHECK(torch::equal(fused.energy, again.energy));
        // Rounding may turn an acceptance over, rarely; such a chain goes its own way. All others agree.
        const double scale = std::sqrt(static_cast<double>(start.x.numel() / c.chains));
        const Tensor agree = (fused.x - reference.x).flatten(1).norm(2, 1) < 2e-3 * scale;
        DOCTEST_CHECK(agree.to(torch::kDouble).mean().item<double>() > 0.97);
        DOCTEST_CHECK((fused.energy - reference.energy).abs().mul(agree).max().item<double>() < 2e-2);
        DOCTEST_CHECK(fused_report.proposals == reference_report.proposals);
        DOCTEST_CHECK(fused_report.jumps == reference_report.jumps);
        DOCTEST_CHECK(static_cast<double>(fused_report.accepted) ==
                      doctest::Approx(static_cast<double>(reference_report.accepted)).epsilon(0.02));
    }
    at::set_num_threads(threads);
}

DOCTEST_TEST_CASE("log Z of composed energies is the integral of the formula") {
    const auto brute = [](const std::function<double(double, double)>& e) {
        constexpr int n = 1600;
        double total = 0;
        for (int i = 0; i < n; ++i)
            for (int j = 0; j < n; ++j)
                total += std::exp(-e(-4 + 8 * (i + 0.5) / n, -4 + 8 * (j + 0.5) / n));
        return std::log(total * 64 / n / n);
    };
    const auto log_z = [](const Energy& e) {
        return measure::log_partition(lab::energy_of_points(e), {-4, 4}, {128, 20000, 1e-4}).log_partition;
    };
    DOCTEST_CHECK(log_z(*sum({{"ring", 1}, {"double_well", 1}}, Composition::all)) ==
                  doctest::Approx(brute([](double x, double y) {
                      return ring(x, y) + double_well(x, y);
                  })).epsilon(1e-3));
    DOCTEST_CHECK(
        log_z(*sum({{"ring", 1}, {"left_half", -1}}, Composition::all)) ==
        doctest::Approx(brute([](double x, double y) { return ring(x, y) - left_half(x); })).epsilon(1e-3));
    DOCTEST_CHECK(log_z(*sum({{"ring", 1}, {"double_well", 3}}, Composition::any)) ==
                  doctest::Approx(brute([](double x, double y) {
                      return -std::log(std::exp(-ring(x, y)) + 3 * std::exp(-double_well(x, y)));
                  })).epsilon(1e-3));
}

DOCTEST_TEST_CASE("A painted energy is not a number where its point is not one, in both twins") {
    data::Drawing drawing;
    drawing.cells[0] = 255;
    const auto walls = painted_energy(drawing);
    const Tensor x = torch::tensor({{NAN, 0.0f}, {0.0f, NAN}});
    const torch::NoGradGuard no_graph;
    const Tensor slow = walls->value(x);
    std::vector<float> fast(2);
    walls->fused()->evaluate(x.data_ptr<float>(), 2, fast.data(), nullptr, nullptr);
    for (int i = 0; i < 2; ++i) {
        DOCTEST_CHECK(std::isnan(slow[i].item<float>()));
        DOCTEST_CHECK(std::isnan(fast[static_cast<std::size_t>(i)]));
    }
}

DOCTEST_TEST_CASE("Weights change while chains run; impossible ones are refused and change nothing") {
    const Tensor x = uniform_samples(9, {2}, -4, 4, {1});
    SumEnergy both({{energy("ring")}, {energy("banana")}}, Composition::all, false);
    const std::vector<std::int64_t> none{-1, -1};
    both.set(Composition::all, std::vector<double>{2, -1}, none, true);
    const torch::NoGradGuard no_graph;
    const Tensor expected = 2 * energy("ring")->value(x) - energy("banana")->value(x);
    DOCTEST_CHECK(torch::allclose(both.value(x), expected));
    const auto set = [&](Composition joined, double a, double b, std::int64_t label = -1) {
        return failure_of([&] {
            both.set(joined, std::vector<double>{a, b}, std::vector<std::int64_t>{label, -1}, true);
        });
    };
    DOCTEST_CHECK(contains(set(Composition::any, 1, -1), "OR cannot take a part away"));
    DOCTEST_CHECK(contains(set(Composition::any, 0, 0), "all weights are 0"));
    DOCTEST_CHECK(contains(set(Composition::all, NAN, 1), "not a finite number"));
    DOCTEST_CHECK(contains(set(Composition::all, 1, 1, 0), "no class 0"));
    DOCTEST_CHECK(torch::allclose(both.value(x), expected));

    DOCTEST_CHECK(contains(failure_of([] { SumEnergy({}, Composition::all, false); }), "empty"));
    DOCTEST_CHECK(
        contains(failure_of([] {
                     SumEnergy({{energy("ring")}, {energy("residual", {3, 8, 8})}}, Composition::all, false);
                 }),
                 "{2} and {3, 8, 8}"));
    DOCTEST_CHECK(contains(failure_of([] {
                               SumEnergy(
                                   {{energy("residual", {3, 8, 8}, 2)}, {energy("residual", {3, 8, 8}, 3)}},
                                   Composition::all, true);
                           }),
                           "2 and 3 classes"));
}

DOCTEST_TEST_CASE("A painted wall is as high as it was painted and nowhere else") {
    data::Drawing wall;
    wall.cells[64 * 128 + 64] = 255; // centre of the cell at (1/32, 1/32)
    const auto painted = painted_energy(wall);
    const torch::NoGradGuard no_graph;
    const Tensor at = torch::tensor({{0.03125f, 0.03125f}, {0.0625f, 0.03125f}, {1.0f, 0.0f}, {9.0f, -9.0f}});
    const Tensor value = painted->value(at);
    DOCTEST_CHECK(value[0].item<float>() == doctest::Approx(painted_height));
    DOCTEST_CHECK(value[1].item<float>() == doctest::Approx(painted_height / 2));
    DOCTEST_CHECK(value[2].item<float>() == 0);
    DOCTEST_CHECK(value[3].item<float>() == 0);
}
