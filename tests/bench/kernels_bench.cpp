#include "core/kernels/adam.h"
#include "core/kernels/graph_kernel.h"
#include "core/kernels/instruction_set.h"
#include "core/kernels/noise.h"
#include "core/measure/operations.h"
#include "core/network/plain.h"
#include "core/network/residual.h"

#include <benchmark/benchmark.h>
#include <cmath>
#include <vector>

/// Speed of the fused kernels on one thread. Run with --benchmark_filter=…; the instruction set is in the
/// label, and EBM_INSTRUCTION_SET=avx2 forces one.
namespace {

using namespace ebm;

/// Parameters of a network with the scale of LibTorch's default initialisation.
class Parameters {
public:
    void add(std::int64_t count, std::int64_t inputs) {
        std::vector<float> values(static_cast<std::size_t>(count));
        kernels::fill_uniform(values.data(), 1, count, {7, random::Stream::weights, 0, next_++, 0}, 1);
        const float bound = 1.0f / std::sqrt(static_cast<float>(inputs));
        for (float& value : values)
            value = (2.0f * value - 1.0f) * bound;
        arrays_.push_back(std::move(values));
    }
    std::vector<const float*> pointers() const {
        std::vector<const float*> result;
        for (const auto& array : arrays_)
            result.push_back(array.data());
        return result;
    }

private:
    std::vector<std::vector<float>> arrays_;
    std::uint32_t next_ = 0;
};

Parameters random_parameters(const network::Graph& graph) {
    Parameters parameters;
    for (const network::Weight& weight : graph.weights)
        parameters.add(weight.count(), weight.fan_in);
    return parameters;
}

kernels::GraphKernel packed_kernel(const network::Graph& graph) {
    kernels::GraphKernel kernel(graph);
    kernel.pack(random_parameters(graph).pointers());
    return kernel;
}

/// One step of `range(0)` chains; ten steps a call.
void conv_langevin_step(benchmark::State& state) {
    const kernels::GraphKernel kernel = packed_kernel(network::tutorial_graph());
    const std::int64_t n = state.range(0);
    std::vector<float> x(static_cast<std::size_t>(n) * 784);
    kernels::fill_uniform(x.data(), n, 784, {1, random::Stream::start, 0, 0, 0}, 1);
    kernels::StepSettings settings;
    settings.gradient_clip = 0.03f;
    kernels::StepReport report;
    random::Place place;
    constexpr int steps = 10;
    for (auto _ : state) {
        kernel.run(x.data(), nullptr, n, settings, place, steps, 1, nullptr, nullptr, report);
        place.step += steps;
    }
    state.counters["step"] = benchmark::Counter(steps, benchmark::Counter::kIsIterationInvariantRate |
                                                           benchmark::Counter::kInvert);
    state.SetLabel(kernels::instruction_set_name());
}
BENCHMARK(conv_langevin_step)->Arg(16)->Arg(128)->Unit(benchmark::kMillisecond);

void conv_energy_and_gradient(benchmark::State& state) {
    const kernels::GraphKernel kernel = packed_kernel(network::tutorial_graph());
    const std::int64_t n = state.range(0);
    std::vector<float> x(static_cast<std::size_t>(n) * 784), gradients(x.size()),
        energies(static_cast<std::size_t>(n));
    kernels::fill_uniform(x.data(), n, 784, {1, random::Stream::start, 0, 0, 0}, 1);
    for (auto _ : state)
        kernel.evaluate(x.data(), nullptr, n, energies.data(), gradients.data(), 1);
    state.SetLabel(kernels::instruction_set_name());
}
BENCHMARK(conv_energy_and_gradient)->Arg(128)->Unit(benchmark::kMillisecond);

/// A training batch of a stack of layers: energies and parameter gradients of range(0) samples.
void parameter_gradient(benchmark::State& state, const network::Graph& graph) {
    const kernels::GraphKernel kernel = packed_kernel(graph);
    const std::int64_t n = state.range(0), elements = graph.input.elements();
    std::vector<float> x(static_cast<std::size_t>(n * elements)), energies(static_cast<std::size_t>(n)),
        coefficients(energies.size(), 0.01f);
    kernels::fill_uniform(x.data(), n, elements, {1, random::Stream::start, 0, 0, 0}, 1);
    std::vector<std::vector<float>> buffers;
    std::vector<float*> gradients;
    for (const network::Weight& weight : graph.weights) {
        buffers.emplace_back(static_cast<std::size_t>(weight.count()));
        gradients.push_back(buffers.back().data());
    }
    for (auto _ : state) {
        kernel.parameter_gradient(x.data(), nullptr, n, coefficients.data(), 0.001f, energies.data(),
                                  gradients, 1);
    }
    state.SetLabel(kernels::instruction_set_name());
}

void conv_parameter_gradient(benchmark::State& state) {
    parameter_gradient(state, network::tutorial_graph());
}
BENCHMARK(conv_parameter_gradient)->Arg(128)->Unit(benchmark::kMillisecond);

network::Graph plane_graph() {
    network::PerceptronSpec spec;
    spec.hidden = {128, 128, 128};
    spec.confinement = 4.0f;
    return network::perceptron_graph(spec);
}

/// range(0): chains, range(1): rule; twenty steps a call.
void plane_step(benchmark::State& state) {
    const kernels::GraphKernel kernel = packed_kernel(plane_graph());
    const std::int64_t n = state.range(0);
    std::vector<float> x(static_cast<std::size_t>(n) * 2);
    kernels::fill_normal(x.data(), n, 2, {1, random::Stream::start, 0, 0, 0}, 1);
    kernels::StepSettings settings;
    settings.rule = static_cast<kernels::Rule>(state.range(1));
    settings.drift = 0.05f;
    settings.noise = 0.1f;
    settings.box_low = -4;
    settings.box_high = 4;
    kernels::StepReport report;
    random::Place place;
    constexpr int steps = 20;
    for (auto _ : state) {
        kernel.run(x.data(), nullptr, n, settings, place, steps, 1, nullptr, nullptr, report);
        place.step += steps;
    }
    state.counters["step"] = benchmark::Counter(steps, benchmark::Counter::kIsIterationInvariantRate |
                                                           benchmark::Counter::kInvert);
    state.counters["FLOP/s"] = benchmark::Counter(
        measure::step_operations(measure::energy_operations(plane_graph())) * steps * static_cast<double>(n),
        benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(kernels::instruction_set_name());
}
BENCHMARK(plane_step)
    ->ArgsProduct({{64, 1024, 4096}, {static_cast<int>(kernels::Rule::langevin)}})
    ->Args({1, static_cast<int>(kernels::Rule::langevin)})
    ->Args({1024, static_cast<int>(kernels::Rule::mala)})
    ->Unit(benchmark::kMillisecond);

void plane_landscape(benchmark::State& state) {
    const kernels::GraphKernel kernel = packed_kernel(plane_graph());
    const std::int64_t n = 256 * 256;
    std::vector<float> x(static_cast<std::size_t>(n) * 2), energies(static_cast<std::size_t>(n));
    kernels::fill_normal(x.data(), n, 2, {1, random::Stream::start, 0, 0, 0}, 1);
    for (auto _ : state)
        kernel.evaluate(x.data(), nullptr, n, energies.data(), nullptr, static_cast<int>(state.range(0)));
    state.counters["FLOP/s"] =
        benchmark::Counter(measure::energy_operations(plane_graph()) * static_cast<double>(n),
                           benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(kernels::instruction_set_name());
}
BENCHMARK(plane_landscape)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void plane_parameter_gradient(benchmark::State& state) {
    parameter_gradient(state, plane_graph());
}
BENCHMARK(plane_parameter_gradient)->Arg(1024)->Unit(benchmark::kMillisecond);

/// A residual energy by ten classes, stages {1, 2, 2}, one block each. channels: base; height: 28 for grey
/// pictures, 32 for coloured ones.
network::Graph residual_graph(int channels, int height) {
    network::ResidualSpec spec;
    spec.input = {height == 28 ? 1 : 3, height, height};
    spec.classes = 10;
    spec.stem = spec.channels = channels;
    spec.blocks = {1, 1, 1};
    spec.activation = Activation::silu;
    return network::residual_graph(spec);
}

struct ResidualBatch {
    ResidualBatch(const network::Graph& graph, std::int64_t n)
        : kernel(graph), x(static_cast<std::size_t>(n * graph.input.elements())),
          labels(static_cast<std::size_t>(n)), energies(static_cast<std::size_t>(n)) {
        for (const network::Weight& weight : graph.weights)
            weights.add(weight.count(), weight.count() / weight.shape.front());
        kernel.pack(weights.pointers());
        kernels::fill_uniform(x.data(), n, graph.input.elements(), {1, random::Stream::start, 0, 0, 0}, 1);
        for (std::int64_t i = 0; i < n; ++i)
            labels[static_cast<std::size_t>(i)] = i % 10;
    }

    Parameters weights;
    kernels::GraphKernel kernel;
    std::vector<float> x;
    std::vector<std::int64_t> labels;
    std::vector<float> energies;
};

constexpr std::int64_t residual_batch = 32;

/// range(0): channels, range(1): height; two steps of 32 chains a call. FLOP/s: of direct sums.
void residual_step(benchmark::State& state) {
    const network::Graph graph =
        residual_graph(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
    ResidualBatch batch(graph, residual_batch);
    kernels::StepSettings settings;
    settings.gradient_clip = 0.03f;
    kernels::StepReport report;
    random::Place place;
    constexpr int steps = 2;
    for (auto _ : state) {
        batch.kernel.run(batch.x.data(), batch.labels.data(), residual_batch, settings, place, steps, 1,
                         nullptr, nullptr, report);
        place.step += steps;
    }
    state.counters["step"] = benchmark::Counter(steps, benchmark::Counter::kIsIterationInvariantRate |
                                                           benchmark::Counter::kInvert);
    const double energy = 2.0 * static_cast<double>(graph.multiply_adds());
    state.counters["FLOP/s"] = benchmark::Counter(measure::step_operations(energy) * steps * residual_batch,
                                                  benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(kernels::instruction_set_name());
}
BENCHMARK(residual_step)
    ->Args({16, 28})
    ->Args({32, 28})
    ->Args({64, 28})
    ->Args({32, 32})
    ->Args({64, 32})
    ->Args({128, 32})
    ->Unit(benchmark::kMillisecond);

void residual_parameter_gradient(benchmark::State& state) {
    const network::Graph graph =
        residual_graph(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
    ResidualBatch batch(graph, residual_batch);
    std::vector<std::vector<float>> buffers;
    std::vector<float*> gradients;
    for (const network::Weight& weight : graph.weights) {
        buffers.emplace_back(static_cast<std::size_t>(weight.count()));
        gradients.push_back(buffers.back().data());
    }
    const std::vector<float> coefficients(static_cast<std::size_t>(residual_batch), 0.01f);
    for (auto _ : state) {
        batch.kernel.parameter_gradient(batch.x.data(), batch.labels.data(), residual_batch,
                                        coefficients.data(), 0.001f, batch.energies.data(), gradients, 1);
    }
    state.SetLabel(kernels::instruction_set_name());
}
BENCHMARK(residual_parameter_gradient)->Args({32, 28})->Args({32, 32})->Unit(benchmark::kMillisecond);

/// New weights for a kernel that exists.
void conv_pack(benchmark::State& state) {
    const network::Graph graph = network::tutorial_graph();
    kernels::GraphKernel kernel(graph);
    const Parameters parameters = random_parameters(graph);
    for (auto _ : state)
        kernel.pack(parameters.pointers());
}
BENCHMARK(conv_pack)->Unit(benchmark::kMicrosecond);

void normals(benchmark::State& state) {
    std::vector<float> out(128 * 784);
    random::Place place;
    for (auto _ : state) {
        kernels::fill_normal(out.data(), 128, 784, place, 1);
        ++place.step;
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(normals)->Unit(benchmark::kMicrosecond);

/// The parameters of the tutorial network.
void adam(benchmark::State& state) {
    constexpr std::int64_t count = 77000;
    std::vector<float> w(count), m(count), v(count), average(count), gradient(count);
    kernels::fill_normal(gradient.data(), 1, count, {}, 1);
    for (auto _ : state) {
        kernels::adam_ema(w.data(), m.data(), v.data(), average.data(), gradient.data(), count,
                          kernels::adam_step(1e-3f, 0.9f, 0.999f, 10), 1);
    }
}
BENCHMARK(adam)->Unit(benchmark::kMicrosecond);

} // namespace

int main(int argc, char** argv) {
    if (const char* name = std::getenv("EBM_INSTRUCTION_SET")) kernels::set_instruction_set(name);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
