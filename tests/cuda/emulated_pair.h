#pragma once

#include "emulated_kernel.h"

#include "core/kernels/graph_kernel.h"
#include "core/network/plain.h"

#include <random>

#include <doctest/doctest.h>

/// The GPU's kernels beside the CPU's.

/// A shape of these layers on blocks of this kind.
constexpr ebm::cuda::Shape on(ebm::cuda::Shape shape, int threads, int tile, bool shared_weights,
                              bool shared_values, int scratch) {
    shape.threads = threads;
    shape.tile = tile;
    shape.shared_weights = shared_weights;
    shape.shared_values = shared_values;
    shape.scratch = scratch;
    return shape;
}
constexpr ebm::cuda::Shape mlp(int inputs, std::initializer_list<int> hidden,
                               ebm::Activation activation = ebm::Activation::silu) {
    ebm::cuda::Shape shape = ebm::cuda::samples_of(inputs, 1, 1, static_cast<int>(activation));
    for (const int width : hidden)
        ebm::cuda::append_linear(shape, width);
    return shape;
}
constexpr ebm::cuda::Shape conv_net(int channels, int height, int width, std::initializer_list<int> filters,
                                    int hidden, ebm::Activation activation = ebm::Activation::silu) {
    ebm::cuda::Shape shape = ebm::cuda::samples_of(channels, height, width, static_cast<int>(activation));
    bool first = true;
    for (const int filter : filters) {
        ebm::cuda::append_convolution(shape, filter, first ? 5 : 3, 2, first ? 4 : 1);
        first = false;
    }
    ebm::cuda::append_linear(shape, hidden);
    return shape;
}

/// Of a graph that is one.
inline ebm::network::LayerStack stack_of(const ebm::network::Graph& graph) {
    return ebm::network::layer_stack(graph).value();
}

inline std::vector<float> normal_numbers(std::size_t count, double scale, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal(0, scale);
    std::vector<float> numbers(count);
    for (float& number : numbers)
        number = static_cast<float>(normal(generator));
    return numbers;
}

/// Largest difference relative to the largest magnitude expected.
inline double relative_error(std::span<const float> actual, std::span<const float> expected) {
    DOCTEST_REQUIRE(actual.size() == expected.size());
    double difference = 0, magnitude = 1e-30;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        if (!std::isfinite(actual[i])) return INFINITY;
        difference = std::max(difference, std::abs(double{actual[i]} - expected[i]));
        magnitude = std::max(magnitude, std::abs(double{expected[i]}));
    }
    return difference / magnitude;
}

/// The same random weights of a stack of layers in the CPU's kernel and in the GPU's on emulated blocks.
template <class N>
struct Pair {
    Pair(const ebm::network::Graph& graph, unsigned seed, int blocks = 2)
        : plan(ebm::cuda::make_plan_on(stack_of(graph), N::shape)), cpu(graph), gpu(plan, blocks) {
        DOCTEST_REQUIRE(ebm::cuda::network_source(plan.shape) == ebm::cuda::network_source(N::shape));
        for (std::size_t i = 0; i < plan.parameter_sizes.size(); ++i) {
            const std::size_t size = plan.parameter_sizes[i], outputs = plan.parameter_sizes[i | 1];
            const double inputs = static_cast<double>(size) / static_cast<double>(outputs);
            parameters.push_back(
                normal_numbers(size, i % 2 ? 0.3 : 1.2 / std::sqrt(inputs), seed + static_cast<unsigned>(i)));
        }
        for (const auto& parameter : parameters)
            pointers.push_back(parameter.data());
        cpu.pack(pointers);
        gpu.pack(pointers);
    }

    std::vector<float> samples(int n, unsigned seed) const {
        return normal_numbers(static_cast<std::size_t>(n) * plan.elements(), 0.8, seed);
    }

    ebm::cuda::Plan plan;
    ebm::kernels::GraphKernel cpu;
    EmulatedKernel<N> gpu;
    std::vector<std::vector<float>> parameters;
    std::vector<const float*> pointers;
};
