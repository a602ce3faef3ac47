#include "graph_twin.h"
#include "layer_graph.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/kernels/graph_kernel.h"
#include "core/network/plain.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using network::Graph;
using network::tutorial_graph;
using torch::Tensor;

Tensor images(const Graph& graph, std::int64_t n, std::uint64_t seed) {
    torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(seed);
    return torch::rand({n, graph.input.channels, graph.input.height, graph.input.width}, generator) * 2 - 1;
}

kernels::GraphKernel packed_convolution(const twin::GraphNetwork& network) {
    kernels::GraphKernel kernel(network.graph);
    kernel.pack(network.pointers());
    return kernel;
}

void compare_convolutions(const Graph& graph, std::int64_t n, std::uint64_t seed) {
    const twin::GraphNetwork network = twin::random_graph_network(graph, seed);
    twin::check_energies(packed_convolution(network), network, images(graph, n, seed + 1));
}

/// The rules as the header of step.h states them, with the random numbers of random.h, in double precision.
Tensor reference_chain(const twin::GraphNetwork& network, Tensor x, const kernels::StepSettings& settings,
                       const random::Place& first, int steps) {
    const std::int64_t n = x.size(0), elements = x[0].numel();
    for (int k = 0; k < steps; ++k) {
        Tensor noise = torch::empty({n, elements}, torch::kDouble);
        for (std::int64_t i = 0; i < n; ++i) {
            for (std::int64_t e = 0; e < elements; ++e) {
                random::Place place = first;
                place.stream = random::Stream::noise;
                place.chain += static_cast<std::uint32_t>(i);
                place.step += static_cast<std::uint32_t>(k);
                const auto z = random::normals(random::words(place, static_cast<std::uint32_t>(e / 4)));
                noise[i][e] = z[static_cast<std::size_t>(e % 4)];
            }
        }
        noise = noise.view_as(x) * settings.noise;
        const auto clamped = [&](const Tensor& t) {
            return settings.box ? t.clamp(settings.box_low, settings.box_high) : t;
        };
        if (settings.rule == kernels::Rule::published) x = clamped(x + noise);
        Tensor g = network.energy_and_gradient(x).gradient;
        if (settings.gradient_clip > 0) g = g.clamp(-settings.gradient_clip, settings.gradient_clip);
        if (settings.drift_limit > 0) {
            const Tensor norm = g.flatten(1).norm(2, 1);
            g = g * (settings.drift_limit / norm).clamp_max(1).view({n, 1, 1, 1});
        }
        x = x - settings.drift * g;
        if (settings.rule == kernels::Rule::langevin) x = x + noise;
        x = clamped(x);
    }
    return x;
}

} // namespace

DOCTEST_TEST_CASE("kernel of a ConvNet: energies and gradients equal the LibTorch twin") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const std::int64_t n : {1, 3, 16, 17, 130}) {
            DOCTEST_CAPTURE(n);
            compare_convolutions(tutorial_graph(), n, 10);
        }
        for (const Activation activation : {Activation::softplus, Activation::tanh, Activation::relu,
                                            Activation::leaky_relu, Activation::gelu}) {
            DOCTEST_CAPTURE(static_cast<int>(activation));
            compare_convolutions(tutorial_graph({1, 28, 28}, {16, 32, 64, 64}, 64, activation), 17, 11);
        }
    });
}

DOCTEST_TEST_CASE("kernel of a ConvNet: other shapes equal the LibTorch twin") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        compare_convolutions(tutorial_graph({3, 32, 32}, {5, 7, 12, 21}, 33), 18, 20);
        compare_convolutions(tutorial_graph({1, 17, 23}, {6, 13}, 50), 5, 21);
        using twin::layer_graph;
        compare_convolutions(
            layer_graph({2, 9, 8}, {{20, 3, 1, 1}, {6, 1, 1, 0}, {10, 4, 3, 2}}, {}, Activation::silu), 19,
            22);
        compare_convolutions(layer_graph({1, 6, 6}, {{3, 6, 1, 0}}, {9, 17}, Activation::tanh), 4, 23);
        compare_convolutions(layer_graph({2, 3, 2}, {}, {37}, Activation::silu), 16, 24);
    });
}

DOCTEST_TEST_CASE("kernel of a ConvNet: chains follow step.h") {
    const Graph graph = tutorial_graph({2, 9, 10}, {6, 8}, 12);
    const twin::GraphNetwork network = twin::random_graph_network(graph, 30);
    const std::int64_t n = 19;
    const Tensor start = images(graph, n, 31);
    const random::Place first{0x123456789ABCDEFull, random::Stream::noise, 5, 1000, 77};
    kernels::StepSettings published{kernels::Rule::published, 0.5f, 0.05f};
    published.gradient_clip = 0.02f;
    kernels::StepSettings langevin{kernels::Rule::langevin, 0.1f, 0.2f};
    langevin.drift_limit = 0.3f;
    langevin.box = false;
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        const kernels::GraphKernel kernel = packed_convolution(network);
        for (const kernels::StepSettings& settings : {published, langevin}) {
            const Tensor expected = reference_chain(network, start.to(torch::kDouble), settings, first, 4);
            Tensor x = start.clone();
            kernels::StepReport report;
            kernel.run(x.data_ptr<float>(), nullptr, n, settings, first, 4, 1, nullptr, nullptr, report);
            DOCTEST_CHECK((x - expected).abs().max().item<double>() < 2e-5);
            DOCTEST_CHECK(report.chain_steps == 4 * n);
            DOCTEST_CHECK(report.elements == 4 * n * 180);
            DOCTEST_CHECK(report.non_finite_step == -1);
        }
    });
}

DOCTEST_TEST_CASE("kernel of a ConvNet: identical bits for any thread count, batch split and step split") {
    const Graph graph = tutorial_graph({1, 28, 28}, {8, 12, 16, 16}, 20);
    const twin::GraphNetwork network = twin::random_graph_network(graph, 40);
    const std::int64_t n = 130;
    const Tensor start = images(graph, n, 41);
    const random::Place first{9, random::Stream::noise, 1, 50, 7};
    kernels::StepSettings settings;
    settings.gradient_clip = 0.03f;
    settings.spread = 2.0f;
    settings.jump_share = 0.1f;
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        const kernels::GraphKernel kernel = packed_convolution(network);
        kernels::StepReport report, first_report;
        Tensor expected = start.clone(), energy = torch::empty({n}), norm = torch::empty({n});
        kernel.run(expected.data_ptr<float>(), nullptr, n, settings, first, 6, 1, energy.data_ptr<float>(),
                   norm.data_ptr<float>(), first_report);
        for (const int threads : {2, 4}) {
            Tensor x = start.clone(), e = torch::empty({n}), g = torch::empty({n});
            kernel.run(x.data_ptr<float>(), nullptr, n, settings, first, 6, threads, e.data_ptr<float>(),
                       g.data_ptr<float>(), report);
            DOCTEST_CHECK(torch::equal(x, expected));
            DOCTEST_CHECK(torch::equal(e, energy));
            DOCTEST_CHECK(torch::equal(g, norm));
            DOCTEST_CHECK(report.gradient_norm == first_report.gradient_norm);
            DOCTEST_CHECK(report.jumps == first_report.jumps);
        }
        Tensor x = start.clone();
        for (const auto& [begin, end] : {std::pair{0, 1}, {1, 38}, {38, 130}}) {
            random::Place place = first;
            place.chain += static_cast<std::uint32_t>(begin);
            for (int k = 0; k < 6; k += 2) {
                kernel.run(x[begin].data_ptr<float>(), nullptr, end - begin, settings, place, 2, 2, nullptr,
                           nullptr, report);
                place.step += 2;
            }
        }
        DOCTEST_CHECK(torch::equal(x, expected));
    });
}

DOCTEST_TEST_CASE("kernel of a ConvNet: a non-finite state is reported with its step") {
    const Graph graph = tutorial_graph({1, 8, 8}, {4}, 4);
    const twin::GraphNetwork network = twin::random_graph_network(graph, 50);
    const kernels::GraphKernel kernel = packed_convolution(network);
    Tensor x = images(graph, 33, 51);
    kernels::StepReport report;
    kernels::StepSettings settings{kernels::Rule::langevin, 3e38f, 0.1f};
    settings.box = false;
    kernel.run(x.data_ptr<float>(), nullptr, 33, settings, {}, 200, 2, nullptr, nullptr, report);
    DOCTEST_CHECK(report.non_finite_step >= 1);
    x = images(graph, 33, 51);
    x[20][0][3][3] = NAN;
    kernel.run(x.data_ptr<float>(), nullptr, 33, kernels::StepSettings{}, {}, 5, 2, nullptr, nullptr, report);
    DOCTEST_CHECK(report.non_finite_step == 0);
}

DOCTEST_TEST_CASE("kernel of a ConvNet: layers that do not fit are refused") {
    const auto with = [](int kernel, int stride, int padding) {
        return twin::layer_graph({1, 8, 8}, {{4, kernel, stride, padding}}, {}, Activation::silu);
    };
    DOCTEST_CHECK_NOTHROW(kernels::GraphKernel(with(3, 1, 2)));
    DOCTEST_CHECK_THROWS_AS(with(3, 1, 3), Error);
    DOCTEST_CHECK_THROWS_AS(with(3, 0, 1), Error);
    DOCTEST_CHECK_THROWS_AS(with(9, 1, 0), Error);
    DOCTEST_CHECK_THROWS_AS(kernels::GraphKernel(with(17, 1, 9)), Error);
    DOCTEST_CHECK_THROWS_AS(kernels::set_instruction_set("abacus"), Error);
}
