#include "graph_networks.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/kernels/graph_kernel.h"
#include "core/network/plain.h"
#include "core/network/residual.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using kernels::Rule;
using kernels::StepSettings;
using network::Graph;
using torch::Tensor;
using twin::all_rules;
using twin::GraphNetwork;
using twin::odd_network;
using twin::plane_network;
using twin::random_labels;
using twin::random_samples;
using twin::residual;

kernels::GraphKernel packed_kernel(const GraphNetwork& network) {
    kernels::GraphKernel kernel(network.graph);
    kernel.pack(network.pointers(), 2);
    return kernel;
}

void check_energies(const Graph& graph, std::int64_t n, std::uint64_t seed) {
    const GraphNetwork network = twin::random_graph_network(graph, seed);
    const Tensor x = random_samples(graph, n, seed + 1), labels = random_labels(n, graph.classes, seed + 2);
    const auto expected = network.energy_and_gradient(x.to(torch::kDouble), labels);
    Tensor energy = torch::full({n}, NAN), only_energy = energy.clone(), gradient = torch::full_like(x, NAN);
    const kernels::GraphKernel kernel = packed_kernel(network);
    const std::int64_t* y = labels.data_ptr<std::int64_t>();
    kernel.evaluate(x.data_ptr<float>(), y, n, energy.data_ptr<float>(), gradient.data_ptr<float>(), 2);
    kernel.evaluate(x.data_ptr<float>(), y, n, only_energy.data_ptr<float>(), nullptr, 1);
    DOCTEST_CHECK(twin::relative_error(energy, expected.energy) < 2e-6);
    DOCTEST_CHECK(twin::relative_error(gradient, expected.gradient) < 2e-6);
    DOCTEST_CHECK(torch::equal(energy, only_energy));
}

void check_weight_gradients(const Graph& graph, std::int64_t n, float energy_factor, std::uint64_t seed) {
    const GraphNetwork network = twin::random_graph_network(graph, seed);
    const Tensor x = random_samples(graph, n, seed + 1), labels = random_labels(n, graph.classes, seed + 2);
    const Tensor coefficients = torch::linspace(-1, 1.5, n);
    const kernels::GraphKernel kernel = packed_kernel(network);

    const twin::WeightGradients expected =
        twin::weight_gradients(network, x, labels, coefficients, energy_factor);
    std::vector<Tensor> sequential, parallel;
    for (const int threads : {1, 3}) {
        std::vector<Tensor>& gradients = threads == 1 ? sequential : parallel;
        std::vector<float*> pointers;
        for (const Tensor& weight : network.weights) {
            gradients.push_back(torch::full_like(weight, NAN));
            pointers.push_back(gradients.back().data_ptr<float>());
        }
        Tensor energies = torch::full({n}, NAN);
        kernel.parameter_gradient(x.data_ptr<float>(), labels.data_ptr<std::int64_t>(), n,
                                  coefficients.data_ptr<float>(), energy_factor, energies.data_ptr<float>(),
                                  pointers, threads);
        DOCTEST_CHECK(twin::relative_error(energies, expected.energy) < 1e-5);
    }
    for (std::size_t i = 0; i < sequential.size(); ++i)
        DOCTEST_CHECK(torch::equal(sequential[i], parallel[i]));
    DOCTEST_CHECK(expected.error_of(sequential) <= 1);
}

void check_chains(const Graph& graph, const StepSettings& settings, std::int64_t n, int steps,
                  std::uint64_t seed) {
    const GraphNetwork network = twin::random_graph_network(graph, seed);
    const Tensor start = random_samples(graph, n, seed + 1), labels = random_labels(n, graph.classes, seed);
    const random::Place first{0xABCDEF0123456789ull, random::Stream::noise, 3, 40, 9};
    const auto [expected, expected_accepted] =
        twin::reference_ends(network, start, labels, settings, first, steps);
    Tensor x = start.clone(), energy = torch::empty({n}), norm = torch::empty({n});
    std::vector<std::uint8_t> accepted(static_cast<std::size_t>(n), 7);
    kernels::StepReport report;
    packed_kernel(network).run(x.data_ptr<float>(), labels.data_ptr<std::int64_t>(), n, settings, first,
                               steps, 2, energy.data_ptr<float>(), norm.data_ptr<float>(), report,
                               accepted.data());
    DOCTEST_CHECK((x - expected).abs().max().item<double>() < 1e-4);
    for (std::size_t i = 0; i < accepted.size(); ++i)
        DOCTEST_CHECK((accepted[i] == 1) == expected_accepted[i]);
    DOCTEST_CHECK(report.chain_steps == n * steps);
    DOCTEST_CHECK(report.elements == n * steps * graph.input.elements());
    DOCTEST_CHECK(report.non_finite_step == -1);
    if (settings.rule != Rule::mala) return;
    const auto at_state = network.energy_and_gradient(x.to(torch::kDouble), labels);
    DOCTEST_CHECK(twin::relative_error(energy, at_state.energy) < 1e-5);
    DOCTEST_CHECK(twin::relative_error(norm, at_state.gradient.flatten(1).norm(2, 1)) < 1e-5);
}

} // namespace

DOCTEST_TEST_CASE("graph kernel: energies and gradients equal the LibTorch twin") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const std::int64_t n : {1, 3, 17, 40}) {
            DOCTEST_CAPTURE(n);
            check_energies(residual({1, 28, 28}, 0, 16, {1, 2}, {1, 1}, Activation::silu), n, 300);
            check_energies(plane_network(4, {128, 40, 17}, Activation::silu), n, 310);
            check_energies(plane_network(0, {33}, Activation::leaky_relu), n, 320);
            check_energies(odd_network(), n, 330);
        }
        check_energies(residual({3, 32, 32}, 10, 32, {1, 2, 4}, {1, 2, 1}, Activation::leaky_relu), 2, 340);
        check_energies(twin::biased_network(), 17, 370);
        check_energies(residual({1, 7, 7}, 5, 24, {1, 2}, {2, 1}, Activation::silu), 5, 350);
        check_energies(residual({3, 3, 3}, 5, 40, {1}, {2}, Activation::silu), 5, 351);
        check_energies(residual({3, 11, 30}, 0, 5, {1, 2, 3}, {1, 1, 1}, Activation::softplus), 5, 360);
    });
}

DOCTEST_TEST_CASE("graph kernel: gradients of the weights equal autograd, for any number of threads") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        check_weight_gradients(residual({1, 28, 28}, 0, 16, {1, 2}, {1, 1}, Activation::silu), 9, 0.0f, 400);
        check_weight_gradients(residual({3, 7, 7}, 4, 24, {1, 2}, {2, 1}, Activation::silu), 20, 0.1f, 410);
        check_weight_gradients(plane_network(4, {128, 40, 17}, Activation::silu), 150, 0.1f, 420);
        check_weight_gradients(odd_network(), 11, 0.1f, 430);
        check_weight_gradients(twin::biased_network(), 11, 0.1f, 450);
    });
    network::ResidualSpec spec;
    spec.input = {1, 8, 8};
    spec.classes = 2;
    spec.stem = spec.channels = 8;
    spec.widths = {1};
    spec.blocks = {1};
    spec.unread_tables = true;
    check_weight_gradients(network::residual_graph(spec), 3, 0.0f, 440);
}

DOCTEST_TEST_CASE("graph kernel: every rule follows step.h") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const StepSettings& settings : all_rules()) {
            DOCTEST_CAPTURE(static_cast<int>(settings.rule));
            DOCTEST_CAPTURE(settings.jump_share);
            check_chains(plane_network(3, {24, 17}, Activation::silu), settings, 37, 10, 500);
            check_chains(residual({2, 5, 7}, 3, 6, {1, 2}, {1, 1}, Activation::silu), settings, 11, 4, 510);
        }
    });
}

DOCTEST_TEST_CASE("graph kernel: identical bits for any thread count, batch split and step split") {
    const std::vector<Graph> graphs = {residual({1, 14, 14}, 4, 16, {1, 2}, {1, 1}, Activation::silu),
                                       plane_network(4, {40, 24}, Activation::silu)};
    StepSettings settings;
    settings.gradient_clip = 0.03f;
    settings.spread = 2.0f;
    settings.jump_share = 0.1f;
    const random::Place first{9, random::Stream::noise, 1, 50, 7};
    const std::int64_t n = 70;
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const Graph& graph : graphs) {
            const GraphNetwork network = twin::random_graph_network(graph, 600);
            const kernels::GraphKernel kernel = packed_kernel(network);
            const Tensor start = random_samples(graph, n, 601), labels = random_labels(n, 4, 602);
            const std::int64_t* y = labels.data_ptr<std::int64_t>();
            Tensor expected = start.clone(), energy = torch::empty({n}), norm = torch::empty({n});
            kernels::StepReport first_report, report;
            kernel.run(expected.data_ptr<float>(), y, n, settings, first, 4, 1, energy.data_ptr<float>(),
                       norm.data_ptr<float>(), first_report);
            for (const int threads : {2, 5}) {
                Tensor x = start.clone(), e = torch::empty({n}), g = torch::empty({n});
                kernel.run(x.data_ptr<float>(), y, n, settings, first, 4, threads, e.data_ptr<float>(),
                           g.data_ptr<float>(), report);
                DOCTEST_CHECK(torch::equal(x, expected));
                DOCTEST_CHECK(torch::equal(e, energy));
                DOCTEST_CHECK(torch::equal(g, norm));
                DOCTEST_CHECK(report.gradient_norm == first_report.gradient_norm);
            }
            Tensor x = start.clone();
            for (const auto& [begin, end] : {std::pair{0, 1}, {1, 38}, {38, 70}}) {
                random::Place place = first;
                place.chain += static_cast<std::uint32_t>(begin);
                for (int k = 0; k < 4; k += 2) {
                    kernel.run(x[begin].data_ptr<float>(), y + begin, end - begin, settings, place, 2, 2,
                               nullptr, nullptr, report);
                    place.step += 2;
                }
            }
            DOCTEST_CHECK(torch::equal(x, expected));
        }
    });
}

DOCTEST_TEST_CASE("graph kernel: a non-finite state is reported with its step") {
    const Graph graph = residual({1, 8, 8}, 2, 8, {1}, {1}, Activation::silu);
    const kernels::GraphKernel kernel = packed_kernel(twin::random_graph_network(graph, 700));
    const Tensor labels = random_labels(33, 2, 701);
    const std::int64_t* y = labels.data_ptr<std::int64_t>();
    Tensor x = random_samples(graph, 33, 702);
    kernels::StepReport report;
    StepSettings settings{Rule::langevin, 3e38f, 0.1f};
    settings.box = false;
    kernel.run(x.data_ptr<float>(), y, 33, settings, {}, 50, 2, nullptr, nullptr, report);
    DOCTEST_CHECK(report.non_finite_step >= 1);
    x = random_samples(graph, 33, 702);
    x[20][0][3][3] = NAN;
    kernel.run(x.data_ptr<float>(), y, 33, StepSettings{}, {}, 3, 2, nullptr, nullptr, report);
    DOCTEST_CHECK(report.non_finite_step == 0);
}

DOCTEST_TEST_CASE("graph kernel: labels and graphs that do not fit are refused") {
    const Graph graph = plane_network(3, {8}, Activation::silu);
    const kernels::GraphKernel kernel = packed_kernel(twin::random_graph_network(graph, 800));
    const Tensor x = random_samples(graph, 2, 801);
    Tensor energy = torch::empty({2});
    const std::int64_t labels[] = {2, 3};
    const float* at = x.data_ptr<float>();
    DOCTEST_CHECK_THROWS_AS(kernel.evaluate(at, labels, 2, energy.data_ptr<float>(), nullptr, 1), Error);
    DOCTEST_CHECK_THROWS_AS(kernel.evaluate(at, nullptr, 2, energy.data_ptr<float>(), nullptr, 1), Error);
    kernel.evaluate(at, labels, 1, energy.data_ptr<float>(), nullptr, 1);
    kernel.evaluate(at, nullptr, 0, nullptr, nullptr, 1);
    DOCTEST_CHECK(kernels::graph_kernel_pays(graph));
    DOCTEST_CHECK(kernels::graph_kernel_pays(
        residual({3, 32, 32}, 10, 128, {1, 2, 2}, {2, 2, 2}, Activation::leaky_relu)));
    DOCTEST_CHECK(!kernels::graph_kernel_pays(
        residual({3, 32, 32}, 0, 256, {1, 2, 2}, {2, 2, 2}, Activation::leaky_relu)));
    // Of a stack of layers the packed weights are two copies.
    DOCTEST_CHECK(kernels::graph_kernel_pays(network::perceptron_graph({2, {3000, 3000}})));
    DOCTEST_CHECK_THROWS_AS(kernels::GraphKernel{twin::strided_network()}, Error);
    DOCTEST_CHECK(!kernels::graph_kernel_pays(twin::strided_network()));
    Graph open;
    open.input = {2, 1, 1};
    DOCTEST_CHECK_THROWS_AS(kernels::GraphKernel{open}, Error);
    DOCTEST_CHECK(!kernels::graph_kernel_pays(open));
    open.linear("two", -1, 2);
    DOCTEST_CHECK_THROWS_AS(kernels::GraphKernel{open}, Error);
}
