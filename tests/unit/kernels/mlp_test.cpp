#include "graph_twin.h"
#include "reference_chain.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/kernels/graph_kernel.h"
#include "core/network/plain.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace {

using namespace ebm;
using kernels::Rule;
using kernels::StepSettings;
using network::Graph;
using network::perceptron_graph;
using torch::Tensor;

Tensor points(std::int64_t n, int inputs, std::uint64_t seed) {
    torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(seed);
    return torch::randn({n, inputs}, generator);
}

kernels::GraphKernel packed_perceptron(const twin::GraphNetwork& network) {
    kernels::GraphKernel kernel(network.graph);
    kernel.pack(network.pointers());
    return kernel;
}

void compare_perceptron(const network::PerceptronSpec& spec, std::int64_t n, std::uint64_t seed) {
    const twin::GraphNetwork network = twin::random_graph_network(perceptron_graph(spec), seed);
    twin::check_energies(packed_perceptron(network), network, points(n, spec.inputs, seed + 1));
}

StepSettings plane_settings(Rule rule) {
    StepSettings settings;
    settings.rule = rule;
    settings.drift = 0.15f;
    settings.noise = 0.3f;
    settings.box_low = -2.5f;
    settings.box_high = 2.0f;
    return settings;
}

} // namespace

DOCTEST_TEST_CASE("kernel of an MLP: energies and gradients equal the LibTorch twin") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        std::uint64_t seed = 100;
        for (const std::vector<int>& hidden :
             std::vector<std::vector<int>>{{1}, {16}, {17, 5}, {128, 128, 128}, {33, 70, 256, 12, 19}}) {
            for (const std::int64_t n : {1, 3, 16, 17, 130}) {
                DOCTEST_CAPTURE(hidden.size());
                DOCTEST_CAPTURE(n);
                compare_perceptron({2, hidden, Activation::silu}, n, ++seed);
            }
        }
        for (const Activation activation : {Activation::softplus, Activation::tanh, Activation::relu,
                                            Activation::leaky_relu, Activation::gelu}) {
            DOCTEST_CAPTURE(static_cast<int>(activation));
            compare_perceptron({2, {40, 21}, activation, 0.7f, 1.3f, 2.5f}, 50, ++seed);
        }
        compare_perceptron({1, {20, 20}, Activation::silu, 2.0f, 0.5f, 0.0f}, 20, ++seed);
        compare_perceptron({3, {20, 20}, Activation::silu, 0.3f, -2.0f, 1.0f}, 20, ++seed);
        compare_perceptron({7, {20, 20}, Activation::silu}, 20, ++seed);
    });
}

DOCTEST_TEST_CASE("kernel of an MLP: activations hold far from zero") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const Activation activation : {Activation::silu, Activation::softplus, Activation::tanh,
                                            Activation::relu, Activation::leaky_relu, Activation::gelu}) {
            DOCTEST_CAPTURE(static_cast<int>(activation));
            // One neuron with weight 1: E(x) = activation(x).
            twin::GraphNetwork network{perceptron_graph({1, {1}, activation})};
            network.weights = {torch::ones({1, 1}), torch::zeros({1}), torch::ones({1, 1}),
                               torch::zeros({1})};
            const kernels::GraphKernel kernel = packed_perceptron(network);
            const Tensor x =
                torch::cat({torch::linspace(-200, 200, 401), torch::linspace(-6, 6, 6000)}).unsqueeze(1);
            const std::int64_t n = x.size(0);
            const auto expected = network.energy_and_gradient(x.to(torch::kDouble));
            Tensor energy = torch::empty({n}), gradient = torch::empty({n, 1});
            kernel.evaluate(x.data_ptr<float>(), nullptr, n, energy.data_ptr<float>(),
                            gradient.data_ptr<float>(), 1);
            const Tensor scale = expected.energy.abs().clamp_min(1);
            DOCTEST_CHECK(((energy - expected.energy) / scale).abs().max().item<double>() < 6e-7);
            DOCTEST_CHECK((gradient - expected.gradient).abs().max().item<double>() < 1e-6);
        }
    });
}

DOCTEST_TEST_CASE("kernel of an MLP: every rule follows step.h") {
    const Graph graph = perceptron_graph({2, {24, 17}, Activation::silu, 1.0f, 4.0f, 1.5f});
    const twin::GraphNetwork network = twin::random_graph_network(graph, 200);
    const random::Place first{0xABCDEF0123456789ull, random::Stream::noise, 3, 40, 9};
    const std::int64_t n = 37;
    const int steps = 12;
    std::vector<StepSettings> all;
    for (const Rule rule : {Rule::published, Rule::langevin, Rule::mala}) {
        all.push_back(plane_settings(rule));
        StepSettings settings = plane_settings(rule);
        settings.spread = 3.0f;
        settings.gradient_clip = 1.0f;
        settings.drift_limit = 1.2f;
        settings.jump_share = 0.3f;
        settings.temperature = 1.7f;
        all.push_back(settings);
    }
    all.push_back(plane_settings(Rule::mala));
    all.back().box = false;
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        const kernels::GraphKernel kernel = packed_perceptron(network);
        for (const StepSettings& settings : all) {
            DOCTEST_CAPTURE(static_cast<int>(settings.rule));
            DOCTEST_CAPTURE(settings.jump_share);
            const Tensor start = points(n, 2, 201).clamp(-2, 2);
            Tensor expected = start.to(torch::kDouble);
            std::vector<bool> expected_accepted;
            for (std::int64_t i = 0; i < n; ++i) {
                random::Place place = first;
                place.chain += static_cast<std::uint32_t>(i);
                twin::ReferenceChain chain(
                    [&network](const Tensor& at) {
                        const auto [energy, gradient] = network.energy_and_gradient(at.unsqueeze(0));
                        return std::pair(energy.item<double>(), gradient.squeeze(0));
                    },
                    settings, place);
                bool accepted = true;
                for (int k = 0; k < steps; ++k)
                    expected[i] = chain.step(expected[i].clone(), accepted);
                expected_accepted.push_back(accepted);
            }
            Tensor x = start.clone(), energy = torch::empty({n}), norm = torch::empty({n});
            std::vector<std::uint8_t> accepted(static_cast<std::size_t>(n), 7);
            kernels::StepReport report;
            kernel.run(x.data_ptr<float>(), nullptr, n, settings, first, steps, 2, energy.data_ptr<float>(),
                       norm.data_ptr<float>(), report, accepted.data());
            DOCTEST_CHECK((x - expected).abs().max().item<double>() < 1e-4);
            for (std::size_t i = 0; i < accepted.size(); ++i)
                DOCTEST_CHECK((accepted[i] == 1) == expected_accepted[i]);
            DOCTEST_CHECK(report.chain_steps == n * steps);
            DOCTEST_CHECK(report.jumps + report.proposals ==
                          (settings.rule == Rule::mala ? n * steps : report.jumps));
            DOCTEST_CHECK((report.jumps > 0) == (settings.jump_share > 0));
            if (settings.rule == Rule::mala) {
                const auto at_state = network.energy_and_gradient(x.to(torch::kDouble));
                DOCTEST_CHECK(twin::relative_error(energy, at_state.energy) < 1e-5);
                DOCTEST_CHECK(twin::relative_error(norm, at_state.gradient.norm(2, 1)) < 1e-5);
            }
        }
    });
}

DOCTEST_TEST_CASE("kernel of an MLP: the report counts what happened") {
    const Graph graph = perceptron_graph({2, {12}, Activation::silu, 1.0f, 3.0f, 1.0f});
    const twin::GraphNetwork network = twin::random_graph_network(graph, 210);
    StepSettings settings = plane_settings(Rule::published);
    settings.gradient_clip = 0.8f;
    settings.noise = 0;
    settings.drift = 6.0f;
    const std::int64_t n = 45;
    const Tensor start = points(n, 2, 211).clamp(settings.box_low, settings.box_high);
    const Tensor gradient = network.energy_and_gradient(start.to(torch::kDouble)).gradient;
    const Tensor norm = gradient.norm(2, 1);
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        Tensor x = start.clone();
        kernels::StepReport report;
        packed_perceptron(network).run(x.data_ptr<float>(), nullptr, n, settings, {}, 1, 1, nullptr, nullptr,
                                       report);
        DOCTEST_CHECK(report.gradient_norm == doctest::Approx(norm.sum().item<double>()).epsilon(1e-5));
        DOCTEST_CHECK(report.gradient_norm_max == doctest::Approx(norm.max().item<double>()).epsilon(1e-5));
        DOCTEST_CHECK(report.distance ==
                      doctest::Approx((x - start).norm(2, 1).sum().item<double>()).epsilon(1e-5));
        DOCTEST_CHECK(report.clipped == (gradient.abs() > settings.gradient_clip).sum().item<std::int64_t>());
        const Tensor at_wall = (x == settings.box_low).logical_or(x == settings.box_high);
        DOCTEST_CHECK(report.clamped == at_wall.sum().item<std::int64_t>());
        DOCTEST_CHECK(report.clamped > 0);
        DOCTEST_CHECK(report.elements == 2 * n);
    });
}

DOCTEST_TEST_CASE("kernel of an MLP: identical bits for any thread count, batch split and step split") {
    const Graph graph = perceptron_graph({2, {64, 48}, Activation::silu, 1.0f, 4.0f, 1.5f});
    const twin::GraphNetwork network = twin::random_graph_network(graph, 220);
    const std::int64_t n = 333;
    const Tensor start = points(n, 2, 221).clamp(-2, 2);
    const random::Place first{77, random::Stream::noise, 2, 1000, 5};
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        const kernels::GraphKernel kernel = packed_perceptron(network);
        for (const Rule rule : {Rule::published, Rule::langevin, Rule::mala}) {
            DOCTEST_CAPTURE(static_cast<int>(rule));
            StepSettings settings = plane_settings(rule);
            settings.spread = 2.0f;
            settings.jump_share = 0.1f;
            kernels::StepReport report, first_report;
            Tensor expected = start.clone(), energy = torch::empty({n});
            kernel.run(expected.data_ptr<float>(), nullptr, n, settings, first, 20, 1,
                       energy.data_ptr<float>(), nullptr, first_report);
            for (const int threads : {2, 4}) {
                Tensor x = start.clone(), e = torch::empty({n});
                kernel.run(x.data_ptr<float>(), nullptr, n, settings, first, 20, threads, e.data_ptr<float>(),
                           nullptr, report);
                DOCTEST_CHECK(torch::equal(x, expected));
                DOCTEST_CHECK(torch::equal(e, energy));
                DOCTEST_CHECK(report.distance == first_report.distance);
            }
            Tensor x = start.clone();
            std::int64_t jumps = 0;
            for (const auto& [begin, end] : {std::pair{0, 50}, {50, 51}, {51, 333}}) {
                random::Place place = first;
                place.chain += static_cast<std::uint32_t>(begin);
                for (int k = 0; k < 20; k += 5) {
                    kernel.run(x[begin].data_ptr<float>(), nullptr, end - begin, settings, place, 5, 1,
                               nullptr, nullptr, report);
                    place.step += 5;
                    jumps += report.jumps;
                }
            }
            DOCTEST_CHECK(torch::equal(x, expected));
            DOCTEST_CHECK(jumps == first_report.jumps);
        }
    });
}

DOCTEST_TEST_CASE("kernel of an MLP: jumps to infinite energies are refused and are no failure") {
    const Graph graph = perceptron_graph({2, {8}, Activation::silu, 1.0f, 1.0f, 3.0f});
    const twin::GraphNetwork network = twin::random_graph_network(graph, 232);
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const Rule rule : {Rule::langevin, Rule::mala}) {
            StepSettings settings = plane_settings(rule);
            settings.box = true;
            settings.box_low = -1e25f; // |x|² is beyond single precision nearly everywhere
            settings.box_high = 1e25f;
            settings.jump_share = 1;
            Tensor x = points(40, 2, 233);
            const Tensor before = x.clone();
            kernels::StepReport report;
            packed_perceptron(network).run(x.data_ptr<float>(), nullptr, 40, settings, {}, 3, 1, nullptr,
                                           nullptr, report);
            DOCTEST_CHECK(report.non_finite_step == -1);
            DOCTEST_CHECK(report.jumps == 120);
            DOCTEST_CHECK(report.jumps_accepted == 0);
            DOCTEST_CHECK(torch::equal(x, before));
        }
    });
}

DOCTEST_TEST_CASE("kernel of an MLP: non-finite states and energies are reported, bad settings refused") {
    const Graph graph = perceptron_graph({2, {8}, Activation::silu});
    const twin::GraphNetwork network = twin::random_graph_network(graph, 230);
    const float infinite = std::numeric_limits<float>::infinity();
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const Rule rule : {Rule::published, Rule::langevin, Rule::mala}) {
            for (const float bad : {static_cast<float>(NAN), infinite}) {
                StepSettings settings = plane_settings(rule);
                settings.box = false;
                Tensor x = points(40, 2, 231);
                x[39][1] = bad;
                kernels::StepReport report;
                packed_perceptron(network).run(x.data_ptr<float>(), nullptr, 40, settings, {}, 3, 1, nullptr,
                                               nullptr, report);
                DOCTEST_CHECK(report.non_finite_step == 0);
            }
        }
        twin::GraphNetwork broken = twin::random_graph_network(graph, 230);
        broken.weights[0][3][1] = NAN;
        for (const Activation activation : {Activation::silu, Activation::softplus, Activation::tanh,
                                            Activation::relu, Activation::leaky_relu, Activation::gelu}) {
            DOCTEST_CAPTURE(static_cast<int>(activation));
            kernels::StepReport report;
            Tensor x = points(40, 2, 231);
            broken.graph = perceptron_graph({2, {8}, activation});
            const kernels::GraphKernel kernel = packed_perceptron(broken);
            kernel.run(x.data_ptr<float>(), nullptr, 40, plane_settings(Rule::mala), {}, 3, 1, nullptr,
                       nullptr, report);
            DOCTEST_CHECK(report.non_finite_step == 0);
        }
    });
    StepSettings settings = plane_settings(Rule::langevin);
    settings.box = false;
    settings.jump_share = 0.5f;
    Tensor x = points(3, 2, 1);
    kernels::StepReport report;
    const kernels::GraphKernel kernel = packed_perceptron(network);
    DOCTEST_CHECK_THROWS_AS(
        kernel.run(x.data_ptr<float>(), nullptr, 3, settings, {}, 1, 1, nullptr, nullptr, report), Error);
    kernel.run(x.data_ptr<float>(), nullptr, 0, plane_settings(Rule::langevin), {}, 1, 4, nullptr, nullptr,
               report);
    DOCTEST_CHECK(report.chain_steps == 0);

    // No steps: the state stays, and mala still knows the energy there.
    Tensor energy = torch::full({3}, NAN);
    kernel.run(x.data_ptr<float>(), nullptr, 3, plane_settings(Rule::langevin), {}, 0, 1,
               energy.data_ptr<float>(), nullptr, report);
    DOCTEST_CHECK(energy.isnan().all().item<bool>());
    kernel.run(x.data_ptr<float>(), nullptr, 3, plane_settings(Rule::mala), {}, 0, 1,
               energy.data_ptr<float>(), nullptr, report);
    DOCTEST_CHECK(twin::relative_error(energy, network.energy(x.to(torch::kDouble))) < 1e-5);
    DOCTEST_CHECK(torch::equal(x, points(3, 2, 1)));

    DOCTEST_CHECK_THROWS_AS(kernels::GraphKernel(perceptron_graph({2, {}})), Error);
    DOCTEST_CHECK_THROWS_AS(kernels::GraphKernel(perceptron_graph({2, {0}})), Error);
}
