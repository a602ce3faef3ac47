#include "emulated_pair.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using cuda::Shape;
using network::perceptron_graph;
using network::tutorial_graph;

constexpr Shape on_tensor_cores(Shape shape) {
    shape.tf32 = true;
    return shape;
}

template <Activation activation, int tile, bool shared>
struct TensorPlane {
    static constexpr Shape shape =
        on_tensor_cores(on(mlp(2, {32, 16, 48}, activation), 64, tile, shared, shared, 1024));
};
template <Activation activation, bool shared>
struct TensorImages {
    static constexpr Shape shape = on_tensor_cores(
        on(conv_net(1, 12, 11, {16, 32}, 16, activation), 64, shared ? 1 : 2, shared, shared, 4096));
};
network::Graph plane_graph(Activation activation) {
    return perceptron_graph({2, {32, 16, 48}, activation});
}
network::Graph images_graph(Activation activation) {
    return tutorial_graph({1, 12, 11}, {16, 32}, 16, activation);
}

struct Errors {
    double energy, gradient;
    float largest_gradient;
};
template <class N>
Errors errors(Pair<N>& pair, const std::vector<float>& x, int n) {
    const auto size = static_cast<std::size_t>(n);
    std::vector<float> expected(size), expected_gradient(x.size()), energy(size, NAN),
        gradient(x.size(), NAN);
    pair.cpu.evaluate(x.data(), nullptr, n, expected.data(), expected_gradient.data(), 1);
    pair.gpu.evaluate(x.data(), n, energy.data(), gradient.data());
    return {relative_error(energy, expected), relative_error(gradient, expected_gradient),
            *std::max_element(expected_gradient.begin(), expected_gradient.end())};
}

/// Small whole numbers are exact in TF32, so that a factor in the wrong place shows.
template <class N>
void compare_exactly(const network::Graph& graph, int n, unsigned seed) {
    Pair<N> pair(graph, seed);
    std::mt19937 generator(seed);
    const auto whole = [&](int most, int one_in) {
        return generator() % static_cast<unsigned>(one_in) == 0
                   ? static_cast<float>(static_cast<int>(generator() % static_cast<unsigned>(2 * most + 1)) -
                                        most)
                   : 0.0f;
    };
    for (auto& parameter : pair.parameters)
        for (float& value : parameter)
            value = whole(1, 2);
    pair.cpu.pack(pair.pointers);
    pair.gpu.pack(pair.pointers);
    std::vector<float> x = pair.samples(n, seed);
    for (float& value : x)
        value = whole(2, 1);
    const Errors found = errors(pair, x, n);
    DOCTEST_CHECK(found.energy == 0);
    DOCTEST_CHECK(found.gradient == 0);
    DOCTEST_CHECK(found.largest_gradient >= 1);
}

/// With other numbers the error is that of rounding to ten bits.
template <class N>
void compare_rounded(const network::Graph& graph, int n, unsigned seed) {
    Pair<N> pair(graph, seed);
    const Errors found = errors(pair, pair.samples(n, seed + 1), n);
    DOCTEST_CHECK(found.energy < 2e-3);
    DOCTEST_CHECK(found.gradient < 2e-3);
    DOCTEST_CHECK(found.energy > 1e-6);
    DOCTEST_CHECK(found.gradient > 1e-6);
}

} // namespace

DOCTEST_TEST_CASE("GPU tensor cores, emulated: whole numbers come out exactly") {
    constexpr Activation relu = Activation::relu;
    compare_exactly<TensorPlane<relu, 8, true>>(plane_graph(relu), 19, 1);
    compare_exactly<TensorPlane<relu, 8, false>>(plane_graph(relu), 19, 2);
    compare_exactly<TensorPlane<relu, 4, true>>(plane_graph(relu), 6, 3);
    compare_exactly<TensorImages<relu, true>>(images_graph(relu), 3, 4);
    compare_exactly<TensorImages<relu, false>>(images_graph(relu), 5, 5);
}

DOCTEST_TEST_CASE("GPU tensor cores, emulated: energies and gradients are off by a thousandth at most") {
    constexpr Activation silu = Activation::silu;
    compare_rounded<TensorPlane<silu, 8, true>>(plane_graph(silu), 19, 11);
    compare_rounded<TensorPlane<silu, 8, false>>(plane_graph(silu), 9, 12);
    compare_rounded<TensorImages<silu, true>>(images_graph(silu), 3, 13);
    compare_rounded<TensorImages<silu, false>>(images_graph(silu), 3, 14);
}

DOCTEST_TEST_CASE("GPU tensor cores: what is not whole fragments stays in fp32") {
    constexpr Shape plane = TensorPlane<Activation::silu, 8, true>::shape;
    DOCTEST_CHECK_FALSE(cuda::make_product(plane, 0, false).fragments); // two inputs
    DOCTEST_CHECK_FALSE(cuda::make_product(plane, 0, true).fragments);
    for (int l = 1; l < plane.layer_count; ++l)
        for (const bool backward : {false, true})
            DOCTEST_CHECK(cuda::make_product(plane, l, backward).fragments);
    Shape fp32 = plane;
    fp32.tf32 = false;
    DOCTEST_CHECK_FALSE(cuda::make_product(fp32, 1, false).fragments);
    // The kernels of the program's own networks keep every warp at work.
    for (const network::Graph& graph : {perceptron_graph({2, {128, 128, 128}}), tutorial_graph()}) {
        const cuda::Plan plan = cuda::make_plan(stack_of(graph), 232448, true);
        for (int l = 1; l < plan.shape.layer_count; ++l)
            for (const bool backward : {false, true}) {
                const cuda::Product p = cuda::make_product(plan.shape, l, backward);
                DOCTEST_CHECK(p.fragments);
                DOCTEST_CHECK(p.tasks() % (plan.shape.threads / cuda::warp_threads) == 0);
            }
    }
}

DOCTEST_TEST_CASE(
    "GPU tensor cores, emulated: the emulation finds a product that some threads of a warp miss") {
    const auto multiply = [](unsigned threads) {
        if (threadIdx.x >= threads) return;
        const unsigned a[4] = {}, b[2] = {};
        float c[4] = {};
        cuda::multiply_add_fragments(a, b, c);
    };
    DOCTEST_CHECK_THROWS_AS(emulation::launch(1, 64, 0, [&] { multiply(48); }), std::logic_error);
    DOCTEST_CHECK_NOTHROW(emulation::launch(1, 64, 0, [&] { multiply(32); }));
}
