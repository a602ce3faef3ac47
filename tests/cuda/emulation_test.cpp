#include "../unit/kernels/layer_graph.h"
#include "emulated_pair.h"

#include "core/base/error.h"
#include "core/cuda/chains.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using cuda::Shape;
using kernels::Rule;
using kernels::StepSettings;
using network::perceptron_graph;
using network::tutorial_graph;
using twin::layer_graph;

template <class N>
void compare_energies(const network::Graph& graph, std::initializer_list<int> counts, unsigned seed) {
    Pair<N> pair(graph, seed);
    for (const int n : counts) {
        DOCTEST_CAPTURE(n);
        const std::vector<float> x = pair.samples(n, seed + 1);
        const auto size = static_cast<std::size_t>(n);
        std::vector<float> expected(size), expected_gradient(x.size()), energy(size, NAN), alone(size, NAN),
            gradient(x.size(), NAN);
        pair.cpu.evaluate(x.data(), nullptr, n, expected.data(), expected_gradient.data(), 1);
        pair.gpu.evaluate(x.data(), n, energy.data(), gradient.data());
        pair.gpu.evaluate(x.data(), n, alone.data(), nullptr);
        DOCTEST_CHECK(relative_error(energy, expected) < 1e-5);
        DOCTEST_CHECK(relative_error(gradient, expected_gradient) < 1e-5);
        DOCTEST_CHECK(alone == energy);
    }
}

template <class N>
void compare_parameter_gradients(const network::Graph& graph, std::initializer_list<int> counts,
                                 unsigned seed) {
    Pair<N> pair(graph, seed);
    for (const int n : counts) {
        DOCTEST_CAPTURE(n);
        const std::vector<float> x = pair.samples(n, seed + 1);
        const std::vector<float> coefficients = normal_numbers(static_cast<std::size_t>(n), 1, seed + 2);
        const float factor = 0.05f;
        std::vector<float> expected_energy(static_cast<std::size_t>(n)),
            energy(static_cast<std::size_t>(n), NAN);
        std::vector<std::vector<float>> expected;
        std::vector<float*> places;
        for (const auto& parameter : pair.parameters)
            places.push_back(expected.emplace_back(parameter.size()).data());
        pair.cpu.parameter_gradient(x.data(), nullptr, n, coefficients.data(), factor, expected_energy.data(),
                                    places, 1);
        const std::vector<float> all =
            pair.gpu.parameter_gradient(x.data(), n, coefficients.data(), factor, energy.data());
        DOCTEST_CHECK(relative_error(energy, expected_energy) < 1e-5);
        std::size_t start = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            DOCTEST_CAPTURE(i);
            const std::span<const float> part = std::span(all).subspan(start, expected[i].size());
            DOCTEST_CHECK(relative_error(part, expected[i]) < 1e-5);
            start += part.size();
        }
    }
}

std::vector<StepSettings> every_rule(float drift, float noise) {
    std::vector<StepSettings> all;
    for (const Rule rule : {Rule::published, Rule::langevin, Rule::mala}) {
        StepSettings settings;
        settings.rule = rule;
        settings.drift = drift;
        settings.noise = noise;
        settings.box_low = -2.5f;
        settings.box_high = 2.0f;
        all.push_back(settings);
        settings.spread = 3.0f;
        settings.gradient_clip = 0.5f;
        settings.drift_limit = 0.7f;
        settings.jump_share = 0.6f;
        settings.temperature = 1.7f;
        all.push_back(settings);
        settings.jump_share = 0;
        settings.box = false;
        all.push_back(settings);
    }
    return all;
}

template <class N>
void compare_chains(const network::Graph& graph, int n, int steps, const std::vector<StepSettings>& all,
                    unsigned seed) {
    Pair<N> pair(graph, seed);
    const random::Place first{0xABCDEF0123456789ull, random::Stream::noise, 3, 40, 9};
    for (const StepSettings& settings : all) {
        DOCTEST_CAPTURE(static_cast<int>(settings.rule));
        DOCTEST_CAPTURE(settings.jump_share);
        DOCTEST_CAPTURE(settings.box);
        std::vector<float> start = pair.samples(n, seed + 1);
        for (float& value : start)
            value = std::min(std::max(value, -2.0f), 2.0f);
        const auto size = static_cast<std::size_t>(n);
        std::vector<float> expected = start, expected_energy(size), expected_norm(size);
        std::vector<std::uint8_t> expected_accepted(size);
        kernels::StepReport e;
        pair.cpu.run(expected.data(), nullptr, n, settings, first, steps, 1, expected_energy.data(),
                     expected_norm.data(), e, expected_accepted.data());
        std::vector<float> x = start, energy(size, NAN), norm(size, NAN);
        std::vector<std::uint8_t> accepted(size, 7);
        const auto tallies = pair.gpu.run(x.data(), n, cuda::run_arguments(settings, first, steps),
                                          energy.data(), norm.data(), accepted.data());
        kernels::StepReport r;
        for (const cuda::Tally& tally : tallies)
            cuda::add(tally, pair.plan.elements(), 0, r);
        DOCTEST_CHECK(relative_error(x, expected) < 1e-4);
        DOCTEST_CHECK(relative_error(energy, expected_energy) < 1e-4);
        DOCTEST_CHECK(relative_error(norm, expected_norm) < 1e-3);
        DOCTEST_CHECK(accepted == expected_accepted);
        DOCTEST_CHECK(r.chain_steps == e.chain_steps);
        DOCTEST_CHECK(r.elements == e.elements);
        DOCTEST_CHECK(r.gradient_norm == doctest::Approx(e.gradient_norm).epsilon(1e-4));
        DOCTEST_CHECK(r.gradient_norm_max == doctest::Approx(e.gradient_norm_max).epsilon(1e-3));
        DOCTEST_CHECK(r.distance == doctest::Approx(e.distance).epsilon(1e-4));
        // A number within rounding of the limit may fall on either side.
        DOCTEST_CHECK(std::abs(r.clipped - e.clipped) <= e.elements / 1000);
        DOCTEST_CHECK(std::abs(r.clamped - e.clamped) <= e.elements / 1000);
        DOCTEST_CHECK(r.proposals == e.proposals);
        DOCTEST_CHECK(r.accepted == e.accepted);
        DOCTEST_CHECK(r.jumps == e.jumps);
        DOCTEST_CHECK(r.jumps_accepted == e.jumps_accepted);
        DOCTEST_CHECK(r.non_finite_step == e.non_finite_step);
        DOCTEST_CHECK((r.jumps > 0) == (settings.jump_share > 0));
    }
}

// Networks. Each is compiled once, on blocks of few threads.
struct Plane {
    static constexpr Shape shape = on(mlp(2, {24, 17}), 32, 4, true, true, 512);
};
struct PlaneFromGlobal {
    static constexpr Shape shape = on(mlp(2, {24, 17}), 32, 8, false, false, 512);
};
struct OneNeuron {
    static constexpr Shape shape = on(mlp(1, {1}), 8, 8, true, true, 64);
};
struct SevenInputs {
    static constexpr Shape shape = on(mlp(7, {20, 33, 5}, Activation::tanh), 16, 2, true, true, 256);
};
struct ThreeInputs {
    static constexpr Shape shape = on(mlp(3, {20, 20}, Activation::gelu), 24, 3, false, true, 256);
};
template <Activation a>
struct Activated {
    static constexpr Shape shape = on(mlp(2, {40, 21}, a), 32, 8, true, true, 1024);
};
struct Tutorial {
    static constexpr Shape shape = on(conv_net(1, 28, 28, {8, 12, 16, 16}, 20), 64, 1, false, true, 4096);
};
struct SmallImages {
    static constexpr Shape shape = on(conv_net(2, 9, 10, {6, 8}, 12), 32, 1, true, true, 512);
};
struct ColourFromGlobal {
    static constexpr Shape shape =
        on(conv_net(3, 12, 11, {5, 7}, 9, Activation::softplus), 32, 2, false, false, 512);
};
struct ConvolutionToEnergy {
    static constexpr Shape shape = [] {
        Shape s = cuda::samples_of(2, 9, 8, 0);
        cuda::append_convolution(s, 20, 3, 1, 1);
        cuda::append_convolution(s, 6, 1, 1, 0);
        cuda::append_convolution(s, 10, 4, 3, 2);
        return on(s, 32, 1, false, true, 512);
    }();
};
struct WideImages {
    static constexpr Shape shape = [] {
        Shape s = cuda::samples_of(5, 6, 6, static_cast<int>(Activation::leaky_relu));
        cuda::append_convolution(s, 3, 6, 1, 0);
        cuda::append_linear(s, 9);
        cuda::append_linear(s, 17);
        return on(s, 32, 4, true, true, 512);
    }();
};

const network::Graph plane = perceptron_graph({2, {24, 17}, Activation::silu, 1.0f, 4.0f, 1.5f});
const network::Graph small_images = tutorial_graph({2, 9, 10}, {6, 8}, 12);

} // namespace

DOCTEST_TEST_CASE("GPU kernels, emulated: energies and gradients of MLPs equal the CPU's") {
    compare_energies<Plane>(plane, {1, 3, 4, 5, 19}, 1);
    compare_energies<PlaneFromGlobal>(plane, {1, 8, 21}, 2);
    compare_energies<OneNeuron>(perceptron_graph({1, {1}, Activation::silu}), {1, 9}, 3);
    compare_energies<SevenInputs>(perceptron_graph({7, {20, 33, 5}, Activation::tanh, 0.7f, 1.3f, 2.5f}), {5},
                                  4);
    compare_energies<ThreeInputs>(perceptron_graph({3, {20, 20}, Activation::gelu, 0.3f, -2.0f, 1.0f}), {7},
                                  5);
}

DOCTEST_TEST_CASE("GPU kernels, emulated: every activation equals the CPU's") {
    const auto compare = [](auto activated, Activation activation) {
        DOCTEST_CAPTURE(static_cast<int>(activation));
        compare_energies<decltype(activated)>(perceptron_graph({2, {40, 21}, activation, 0.7f, 1.3f, 2.5f}),
                                              {11}, 10 + static_cast<unsigned>(activation));
    };
    compare(Activated<Activation::silu>{}, Activation::silu);
    compare(Activated<Activation::softplus>{}, Activation::softplus);
    compare(Activated<Activation::tanh>{}, Activation::tanh);
    compare(Activated<Activation::relu>{}, Activation::relu);
    compare(Activated<Activation::leaky_relu>{}, Activation::leaky_relu);
    compare(Activated<Activation::gelu>{}, Activation::gelu);
}

DOCTEST_TEST_CASE("GPU kernels, emulated: activations hold far from zero") {
    const auto check = [](auto activation) {
        for (const float z :
             {-1e30f, -200.0f, -90.0f, -20.0f, -1e-20f, 0.0f, 1e-20f, 20.0f, 90.0f, 200.0f, 1e30f}) {
            const cuda::Activated a = cuda::activate<activation()>(z);
            DOCTEST_CAPTURE(activation());
            DOCTEST_CAPTURE(z);
            DOCTEST_CHECK(std::isfinite(a.value));
            DOCTEST_CHECK(std::isfinite(a.derivative));
            DOCTEST_CHECK((z < -100 ? std::abs(a.derivative) <= 0.2f + 1e-6f : a.derivative <= 1.2f));
        }
        DOCTEST_CHECK(std::isnan(cuda::activate<activation()>(NAN).value));
    };
    check(std::integral_constant<int, 0>{});
    check(std::integral_constant<int, 1>{});
    check(std::integral_constant<int, 2>{});
    check(std::integral_constant<int, 3>{});
    check(std::integral_constant<int, 4>{});
    check(std::integral_constant<int, 5>{});
}

DOCTEST_TEST_CASE("GPU kernels, emulated: energies and gradients of ConvNets equal the CPU's") {
    compare_energies<Tutorial>(tutorial_graph({1, 28, 28}, {8, 12, 16, 16}, 20), {1, 3}, 30);
    compare_energies<SmallImages>(small_images, {1, 2, 5}, 31);
    compare_energies<ColourFromGlobal>(tutorial_graph({3, 12, 11}, {5, 7}, 9, Activation::softplus), {1, 5},
                                       32);
    compare_energies<ConvolutionToEnergy>(
        layer_graph({2, 9, 8}, {{20, 3, 1, 1}, {6, 1, 1, 0}, {10, 4, 3, 2}}, {}, Activation::silu), {3}, 33);
    compare_energies<WideImages>(layer_graph({5, 6, 6}, {{3, 6, 1, 0}}, {9, 17}, Activation::leaky_relu),
                                 {1, 6}, 34);
}

DOCTEST_TEST_CASE("GPU kernels, emulated: chains and reports equal the CPU's under every rule") {
    compare_chains<Plane>(plane, 11, 8, every_rule(0.15f, 0.3f), 40);
    compare_chains<PlaneFromGlobal>(plane, 9, 4, every_rule(0.15f, 0.3f), 41);
    compare_chains<SevenInputs>(perceptron_graph({7, {20, 33, 5}, Activation::tanh, 0.7f, 1.3f, 2.5f}), 5, 5,
                                every_rule(0.1f, 0.2f), 42);
    compare_chains<SmallImages>(small_images, 3, 4, every_rule(0.05f, 0.1f), 43);
    compare_chains<ColourFromGlobal>(tutorial_graph({3, 12, 11}, {5, 7}, 9, Activation::softplus), 3, 3,
                                     every_rule(0.05f, 0.1f), 44);
    StepSettings published{Rule::published, 10.0f, 0.005f};
    published.gradient_clip = 0.03f;
    compare_chains<Tutorial>(tutorial_graph({1, 28, 28}, {8, 12, 16, 16}, 20), 2, 2, {published}, 45);
}

DOCTEST_TEST_CASE("GPU kernels, emulated: parameter gradients equal the CPU's") {
    compare_parameter_gradients<Plane>(plane, {1, 19}, 50);
    compare_parameter_gradients<PlaneFromGlobal>(plane, {21}, 51);
    compare_parameter_gradients<SevenInputs>(
        perceptron_graph({7, {20, 33, 5}, Activation::tanh, 0.7f, 1.3f, 2.5f}), {5}, 52);
    compare_parameter_gradients<SmallImages>(small_images, {1, 5}, 53);
    compare_parameter_gradients<ColourFromGlobal>(
        tutorial_graph({3, 12, 11}, {5, 7}, 9, Activation::softplus), {3}, 54);
    compare_parameter_gradients<Tutorial>(tutorial_graph({1, 28, 28}, {8, 12, 16, 16}, 20), {3}, 55);
    compare_parameter_gradients<WideImages>(
        layer_graph({5, 6, 6}, {{3, 6, 1, 0}}, {9, 17}, Activation::leaky_relu), {6}, 56);
}

DOCTEST_TEST_CASE(
    "GPU kernels, emulated: identical bits for any number of blocks and any split of batch and steps") {
    const auto run = [](int blocks, int batch, int split) {
        Pair<Plane> pair(plane, 60, blocks);
        StepSettings settings = every_rule(0.15f, 0.3f)[1];
        std::vector<float> x = pair.samples(13, 61), energy(13), norm(13);
        std::vector<std::uint8_t> accepted(13);
        for (int start = 0; start < 13; start += batch) {
            for (int step = 0; step < 6; step += split) {
                const random::Place first{77, random::Stream::noise, 2, 1000u + static_cast<unsigned>(start),
                                          5u + static_cast<unsigned>(step)};
                pair.gpu.run(x.data() + 2 * start, std::min(batch, 13 - start),
                             cuda::run_arguments(settings, first, split), energy.data() + start,
                             norm.data() + start, accepted.data() + start);
            }
        }
        return x;
    };
    const std::vector<float> expected = run(1, 13, 6);
    DOCTEST_CHECK(run(4, 13, 6) == expected);
    DOCTEST_CHECK(run(2, 5, 6) == expected);
    DOCTEST_CHECK(run(1, 13, 2) == expected);
}

DOCTEST_TEST_CASE("GPU kernels, emulated: a state that stops being finite is reported with its step") {
    Pair<Plane> pair(plane, 70);
    StepSettings settings;
    settings.rule = Rule::langevin;
    settings.drift = 1e20f;
    settings.box = false;
    std::vector<float> x = pair.samples(5, 71), expected = x, energy(5), norm(5);
    std::vector<std::uint8_t> accepted(5);
    kernels::StepReport e, r;
    pair.cpu.run(expected.data(), nullptr, 5, settings, {}, 6, 1, nullptr, nullptr, e);
    for (const auto& tally : pair.gpu.run(x.data(), 5, cuda::run_arguments(settings, {}, 6), energy.data(),
                                          norm.data(), accepted.data()))
        cuda::add(tally, 2, 0, r);
    DOCTEST_CHECK(e.non_finite_step >= 0);
    DOCTEST_CHECK(r.non_finite_step == e.non_finite_step);
}

DOCTEST_TEST_CASE("GPU kernels, emulated: the emulation finds a barrier that some threads miss") {
    DOCTEST_CHECK_THROWS_AS(emulation::launch(1, 4, 0,
                                              [] {
                                                  if (threadIdx.x < 2) __syncthreads();
                                              }),
                            std::logic_error);
}
