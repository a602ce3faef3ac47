#include "core/libtorch/graph_on_place.h"

#include "../kernels/graph_networks.h"
#include "core/base/error.h"
#include "core/kernels/fused_kernel.h"
#include "core/kernels/graph_kernel.h"
#include "core/libtorch/place.h"
#include "core/network/plain.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using torch::Tensor;
using twin::Graph;
using twin::GraphNetwork;
using twin::Rule;
using twin::StepSettings;

/// The CPU, which "records" by keeping the work, and counts.
class RecordingPlace final : public libtorch::Place {
public:
    explicit RecordingPlace(std::int64_t batch_bytes) : cpu_(at::kFloat, batch_bytes) {}
    at::Device device() const override { return at::kCPU; }
    std::string name() const override { return "a card"; }
    std::int64_t batch_bytes() const override { return cpu_.batch_bytes(); }
    std::shared_ptr<void> enter() const override {
        ++entered;
        return nullptr;
    }
    void normals(const Tensor& to, const random::Place& first) const override { cpu_.normals(to, first); }
    void uniforms(const Tensor& to, const random::Place& first) const override { cpu_.uniforms(to, first); }
    std::unique_ptr<libtorch::Recording> record(const std::function<void()>& work) const override {
        struct Kept final : libtorch::Recording {
            Kept(std::function<void()> work, int& replays) : work(std::move(work)), replays(replays) {}
            void replay() override {
                ++replays;
                work();
            }
            std::function<void()> work;
            int& replays;
        };
        ++recorded;
        return std::make_unique<Kept>(work, replayed);
    }
    mutable int entered = 0, recorded = 0, replayed = 0;

private:
    libtorch::CpuPlace cpu_;
};

std::unique_ptr<FusedKernel> packed(const GraphNetwork& network,
                                    std::shared_ptr<const libtorch::Place> place) {
    auto kernel = libtorch::graph_on(std::move(place), network.graph);
    kernel->pack(network.pointers());
    return kernel;
}

std::shared_ptr<const libtorch::Place> cpu() {
    return std::make_shared<libtorch::CpuPlace>();
}

std::vector<Graph> graphs() {
    return {twin::residual({1, 28, 28}, 0, 16, {1, 2}, {1, 1}, Activation::silu),
            twin::residual({3, 11, 30}, 5, 5, {1, 2, 3}, {1, 1, 1}, Activation::leaky_relu),
            twin::residual({1, 7, 7}, 5, 24, {1, 2}, {2, 1}, Activation::relu),
            twin::odd_network(),
            twin::plane_network(4, {40, 17}, Activation::silu),
            twin::strided_network(),
            twin::biased_network(),
            network::tutorial_graph({1, 9, 12}, {8, 12}, 10)};
}

void check_energies(const Graph& graph, std::int64_t n, std::shared_ptr<const libtorch::Place> place,
                    double tolerance) {
    const GraphNetwork network = twin::random_graph_network(graph, 300);
    const Tensor x = twin::random_samples(graph, n, 301), labels = twin::random_labels(n, graph.classes, 302);
    const auto expected = network.energy_and_gradient(x.to(torch::kDouble), labels);
    Tensor energy = torch::full({n}, NAN), alone = energy.clone(), gradient = torch::full_like(x, NAN);
    const auto kernel = packed(network, std::move(place));
    const std::int64_t* y = labels.data_ptr<std::int64_t>();
    kernel->evaluate(x.data_ptr<float>(), n, energy.data_ptr<float>(), gradient.data_ptr<float>(), y);
    kernel->evaluate(x.data_ptr<float>(), n, alone.data_ptr<float>(), nullptr, y);
    DOCTEST_CHECK(twin::relative_error(energy, expected.energy) < tolerance);
    DOCTEST_CHECK(twin::relative_error(alone, expected.energy) < tolerance);
    DOCTEST_CHECK(twin::relative_error(gradient, expected.gradient) < tolerance);
}

} // namespace

DOCTEST_TEST_CASE("graph by LibTorch: energies and gradients equal the twin, in parts too") {
    for (const Graph& graph : graphs()) {
        for (const std::int64_t n : {1, 5, 37})
            check_energies(graph, n, cpu(), 5e-6);
        check_energies(graph, 70, std::make_shared<libtorch::CpuPlace>(at::kFloat, 1), 5e-6);
    }
}

DOCTEST_TEST_CASE("graph by LibTorch: bfloat16 rounds, and no more") {
    for (const Graph& graph : graphs()) {
        const std::int64_t n = 200;
        const GraphNetwork network = twin::random_graph_network(graph, 310);
        const Tensor x = twin::random_samples(graph, n, 311),
                     labels = twin::random_labels(n, graph.classes, 312);
        const auto expected = network.energy_and_gradient(x.to(torch::kDouble), labels);
        Tensor energy = torch::full({n}, NAN), gradient = torch::full_like(x, NAN);
        packed(network, std::make_shared<libtorch::CpuPlace>(at::kBFloat16))
            ->evaluate(x.data_ptr<float>(), n, energy.data_ptr<float>(), gradient.data_ptr<float>(),
                       labels.data_ptr<std::int64_t>());
        const auto error = [](const Tensor& found, const Tensor& right) {
            return ((found - right).norm() / right.norm()).item<double>();
        };
        DOCTEST_CAPTURE(graph.nodes.size());
        DOCTEST_CHECK(error(energy, expected.energy) < 0.03);
        // Rounding takes a value past the kink of its activation now and then.
        DOCTEST_CHECK(error(gradient, expected.gradient) < 0.12);
        DOCTEST_CHECK(error(gradient, expected.gradient) > 1e-4); // it does round
    }
}

DOCTEST_TEST_CASE("graph by LibTorch: gradients of the weights equal autograd") {
    auto all = graphs();
    network::ResidualSpec spec;
    spec.input = {1, 8, 8};
    spec.classes = 2;
    spec.stem = spec.channels = 8;
    spec.widths = {1};
    spec.blocks = {1};
    spec.unread_tables = true;
    all.push_back(network::residual_graph(spec));
    for (const Graph& graph : all) {
        const std::int64_t n = 41;
        const GraphNetwork network = twin::random_graph_network(graph, 400);
        const Tensor x = twin::random_samples(graph, n, 401),
                     labels = twin::random_labels(n, graph.classes, 402);
        const Tensor coefficients = torch::linspace(-1, 1.5, n);
        const twin::WeightGradients expected = twin::weight_gradients(network, x, labels, coefficients, 0.1);
        // In one part, and in parts of sixteen of a network whose chains are rounded.
        for (const auto& place : {cpu(), std::shared_ptr<const libtorch::Place>(
                                             std::make_shared<libtorch::CpuPlace>(at::kBFloat16, 1))}) {
            std::vector<Tensor> gradients;
            std::vector<float*> pointers;
            for (const Tensor& weight : network.weights) {
                gradients.push_back(torch::full_like(weight, NAN));
                pointers.push_back(gradients.back().data_ptr<float>());
            }
            Tensor energies = torch::full({n}, NAN);
            packed(network, place)
                ->parameter_gradient(x.data_ptr<float>(), n, coefficients.data_ptr<float>(), 0.1f,
                                     energies.data_ptr<float>(), pointers, labels.data_ptr<std::int64_t>());
            DOCTEST_CHECK(twin::relative_error(energies, expected.energy) < 1e-5);
            DOCTEST_CHECK(expected.error_of(gradients) <= 1);
        }
    }
}

DOCTEST_TEST_CASE("graph by LibTorch: every rule follows step.h") {
    for (const Graph& graph : {twin::plane_network(3, {24, 17}, Activation::silu),
                               twin::residual({2, 5, 7}, 3, 6, {1, 2}, {1, 1}, Activation::silu)}) {
        for (const StepSettings& settings : twin::all_rules()) {
            DOCTEST_CAPTURE(static_cast<int>(settings.rule));
            DOCTEST_CAPTURE(settings.jump_share);
            const std::int64_t n = 37;
            const int steps = 6;
            const GraphNetwork network = twin::random_graph_network(graph, 500);
            const Tensor start = twin::random_samples(graph, n, 501),
                         labels = twin::random_labels(n, graph.classes, 502);
            const random::Place first{0xABCDEF0123456789ull, random::Stream::noise, 3, 40, 9};
            const auto [expected, expected_accepted] =
                twin::reference_ends(network, start, labels, settings, first, steps);
            // The same sums as the CPU's kernel, which is tested apart.
            Tensor x = start.clone(), cpu_x = start.clone(), energy = torch::empty({n}),
                   norm = energy.clone(), cpu_energy = energy.clone(), cpu_norm = energy.clone();
            std::vector<std::uint8_t> accepted(static_cast<std::size_t>(n), 7), cpu_accepted = accepted;
            kernels::StepReport report, cpu_report;
            const std::int64_t* y = labels.data_ptr<std::int64_t>();
            packed(network, std::make_shared<libtorch::CpuPlace>(at::kFloat, 1))
                ->run(x.data_ptr<float>(), n, settings, first, steps, energy.data_ptr<float>(),
                      norm.data_ptr<float>(), report, accepted.data(), y);
            kernels::GraphKernel kernel(network.graph);
            kernel.pack(network.pointers(), 1);
            kernel.run(cpu_x.data_ptr<float>(), y, n, settings, first, steps, 1, cpu_energy.data_ptr<float>(),
                       cpu_norm.data_ptr<float>(), cpu_report, cpu_accepted.data());
            DOCTEST_CHECK((x - expected).abs().max().item<double>() < 1e-4);
            for (std::size_t i = 0; i < accepted.size(); ++i)
                DOCTEST_CHECK((accepted[i] == 1) == expected_accepted[i]);
            DOCTEST_CHECK(twin::relative_error(energy, cpu_energy) < 1e-4);
            DOCTEST_CHECK(twin::relative_error(norm, cpu_norm) < 1e-4);
            DOCTEST_CHECK(report.chain_steps == cpu_report.chain_steps);
            DOCTEST_CHECK(report.elements == cpu_report.elements);
            DOCTEST_CHECK(report.gradient_norm == doctest::Approx(cpu_report.gradient_norm).epsilon(1e-4));
            DOCTEST_CHECK(report.gradient_norm_max ==
                          doctest::Approx(cpu_report.gradient_norm_max).epsilon(1e-4));
            DOCTEST_CHECK(report.distance == doctest::Approx(cpu_report.distance).epsilon(1e-4));
            // A value beside a threshold may fall on either side of it.
            DOCTEST_CHECK(std::abs(report.clipped - cpu_report.clipped) <= 2);
            DOCTEST_CHECK(std::abs(report.clamped - cpu_report.clamped) <= 2);
            DOCTEST_CHECK(report.proposals == cpu_report.proposals);
            DOCTEST_CHECK(report.accepted == cpu_report.accepted);
            DOCTEST_CHECK(report.jumps == cpu_report.jumps);
            DOCTEST_CHECK(report.jumps_accepted == cpu_report.jumps_accepted);
            DOCTEST_CHECK(report.non_finite_step == -1);
        }
    }
}

DOCTEST_TEST_CASE(
    "graph by LibTorch: what is recorded for a size gives the same, and with new weights the new") {
    const Graph graph = twin::residual({1, 8, 8}, 3, 8, {1}, {1}, Activation::silu);
    const GraphNetwork network = twin::random_graph_network(graph, 600),
                       other = twin::random_graph_network(graph, 601);
    const auto place = std::make_shared<RecordingPlace>(std::int64_t{1} << 30);
    const auto kernel = packed(network, place), plain = packed(network, cpu());
    const auto energies = [&](const FusedKernel& of, std::int64_t n) {
        const Tensor x = twin::random_samples(graph, n, 602), labels = twin::random_labels(n, 3, 603);
        Tensor energy = torch::empty({n}), gradient = torch::empty_like(x);
        of.evaluate(x.data_ptr<float>(), n, energy.data_ptr<float>(), gradient.data_ptr<float>(),
                    labels.data_ptr<std::int64_t>());
        return torch::cat({energy, gradient.flatten()});
    };
    for (const std::int64_t n : {30, 32, 20, 25, 18})
        DOCTEST_CHECK(twin::relative_error(energies(*kernel, n), energies(*plain, n)) < 1e-6);
    DOCTEST_CHECK(place->recorded == 1); // all are batches of 32
    DOCTEST_CHECK(place->replayed == 3);
    kernel->pack(other.pointers());
    DOCTEST_CHECK(twin::relative_error(energies(*kernel, 32), energies(*packed(other, cpu()), 32)) < 1e-6);
    DOCTEST_CHECK(place->replayed == 4);
    DOCTEST_CHECK(place->entered > 0);
    for (std::int64_t n = 40; n < 40 + 16 * 8; n += 16) // more sizes than are kept
        energies(*kernel, n);
    DOCTEST_CHECK(twin::relative_error(energies(*kernel, 32), energies(*packed(other, cpu()), 32)) < 1e-6);
}

DOCTEST_TEST_CASE("graph by LibTorch: failures are told") {
    const Graph graph = twin::residual({1, 8, 8}, 2, 8, {1}, {1}, Activation::silu);
    const auto kernel = packed(twin::random_graph_network(graph, 700), cpu());
    const Tensor labels = twin::random_labels(33, 2, 701);
    const std::int64_t* y = labels.data_ptr<std::int64_t>();
    Tensor x = twin::random_samples(graph, 33, 702);
    kernels::StepReport report;
    StepSettings settings{Rule::langevin, 3e38f, 0.1f};
    settings.box = false;
    kernel->run(x.data_ptr<float>(), 33, settings, {}, 50, nullptr, nullptr, report, nullptr, y);
    DOCTEST_CHECK(report.non_finite_step >= 1);
    x = twin::random_samples(graph, 33, 702);
    x[20][0][3][3] = NAN;
    kernel->run(x.data_ptr<float>(), 33, StepSettings{}, {}, 3, nullptr, nullptr, report, nullptr, y);
    DOCTEST_CHECK(report.non_finite_step == 0);
    Tensor energy = torch::empty({2});
    const std::int64_t foreign[] = {1, 2};
    DOCTEST_CHECK_THROWS_AS(
        kernel->evaluate(x.data_ptr<float>(), 2, energy.data_ptr<float>(), nullptr, foreign), Error);
    DOCTEST_CHECK_THROWS_AS(
        kernel->evaluate(x.data_ptr<float>(), 2, energy.data_ptr<float>(), nullptr, nullptr), Error);
    kernel->evaluate(x.data_ptr<float>(), 0, nullptr, nullptr, nullptr);
}
