#include "core/energy/graph_energy.h"

#include "../kernels/graph_networks.h"
#include "core/energy/classes.h"
#include "core/energy/differentiate.h"
#include "core/energy/registry.h"
#include "core/network/residual.h"
#include "core/settings/settings.h"
#include "tests/unit/failure.h"

#include <doctest/doctest.h>

#include <map>

using namespace ebm;
using ebm::tests::contains;
using ebm::tests::failure_of;
using torch::Tensor;

namespace {

Settings residual_settings(bool conditional) {
    Settings settings;
    settings.model.energy = "residual";
    settings.model.conditional = conditional;
    settings.model.channels = 4;
    settings.model.stages = "1,2";
    settings.model.blocks = "1,2";
    return settings;
}

/// All weights random, so that no part is switched off.
std::shared_ptr<Energy> random_residual(const Settings& settings, const Shape& shape, int classes) {
    const auto energy = make_energy(settings, shape, 5, classes);
    const torch::NoGradGuard no_graph;
    std::size_t index = 0;
    for (const auto& [name, weight] : energy->parameters())
        weight.copy_(normal_weights(weight.sizes().vec(), 0.5, 9, index++).detach());
    energy->weights_changed();
    for (int round = 0; round < 100; ++round)
        energy->after_update();
    return energy;
}

std::int64_t published_parameters(int classes, int stem, int channels, std::vector<int> widths,
                                  std::vector<int> blocks, int side) {
    network::ResidualSpec spec;
    spec.input = {3, side, side};
    spec.classes = classes;
    spec.stem = stem;
    spec.channels = channels;
    spec.widths = std::move(widths);
    spec.blocks = std::move(blocks);
    spec.unread_tables = true;
    return network::residual_graph(spec).parameters();
}

} // namespace

DOCTEST_TEST_CASE("the paper's networks have the paper's numbers of parameters") {
    // models.py and train.py of the released code, attention and the unused dense layer left out.
    DOCTEST_CHECK(published_parameters(10, 128, 128, {1, 2, 2}, {2, 2, 2}, 32) == 5'371'527);
    DOCTEST_CHECK(published_parameters(0, 128, 128, {1, 2, 4}, {3, 3, 3}, 32) == 18'606'727);
    DOCTEST_CHECK(published_parameters(0, 128, 192, {1, 2, 4}, {3, 3, 3}, 32) == 41'953'927);
    DOCTEST_CHECK(published_parameters(1000, 128, 256, {1, 2, 4}, {3, 3, 3}, 32) == 97'641'863);
    DOCTEST_CHECK(published_parameters(1000, 64, 64, {1, 2, 4, 8, 8}, {1, 1, 1, 1, 2}, 128) == 24'547'271);
}

DOCTEST_TEST_CASE("a residual energy is what its formula says") {
    Settings settings = residual_settings(true);
    settings.model.stages = "1";
    settings.model.blocks = "1";
    settings.model.normalisation = Normalisation::none;
    settings.model.activation = Activation::leaky_relu;
    const auto energy = random_residual(settings, {2, 6, 5}, 3);
    std::map<std::string, Tensor> w;
    for (const auto& [name, weight] : energy->parameters())
        w[name] = weight.detach().to(torch::kDouble);
    const Tensor x = torch::rand({4, 2, 6, 5}) * 2 - 1, labels = torch::tensor({2, 0, 1, 2});
    const auto leaky = [](const Tensor& z) { return torch::where(z > 0, z, 0.2 * z); };
    const auto rows = [&](const char* name) { return w[name].index({labels}).unsqueeze(2).unsqueeze(3); };
    const auto conv = [&](const Tensor& z, const char* name) { return torch::conv2d(z, w[name], {}, 1, 1); };
    const Tensor stem = leaky(conv(x.to(torch::kDouble), "stem.weight"));
    Tensor inner = leaky(conv(stem + rows("blocks.0.first.bias"), "blocks.0.first.weight"));
    inner = conv(inner + rows("blocks.0.second.bias"), "blocks.0.second.weight");
    inner =
        inner * (rows("blocks.0.second.gain") + w["blocks.0.second.gain_shared"].unsqueeze(1).unsqueeze(2));
    const Tensor sum = inner + stem;
    const Tensor pooled =
        (sum.slice(2, 0, 6, 2).slice(3, 0, 4, 2) + sum.slice(2, 1, 6, 2).slice(3, 0, 4, 2) +
         sum.slice(2, 0, 6, 2).slice(3, 1, 4, 2) + sum.slice(2, 1, 6, 2).slice(3, 1, 4, 2)) /
        4;
    const Tensor summed = leaky(pooled).clamp_min(0).sum({2, 3});
    const Tensor expected = summed.mv(w["energy.weight"][0]) + w["energy.bias"];
    const torch::NoGradGuard no_graph;
    DOCTEST_CHECK(torch::allclose(energy->value({x, labels}).to(torch::kDouble), expected, 1e-4, 1e-4));
}

DOCTEST_TEST_CASE("a network of pixels from 0 to 1 is the same network at (x + 1) / 2, padded with black") {
    Settings settings = residual_settings(true);
    const auto plain = random_residual(settings, {3, 8, 8}, 3);
    settings.model.zero_to_one = true;
    const auto mapped = random_residual(settings, {3, 8, 8}, 3);
    DOCTEST_REQUIRE(mapped->fused() != nullptr);
    const Tensor x = torch::rand({5, 3, 8, 8}) * 2 - 1, labels = torch::tensor({2, 0, 1, 2, 1});
    const auto here = mapped->value_and_gradient({x, labels});
    const auto there = plain->value_and_gradient({(x + 1) / 2, labels});
    const torch::NoGradGuard no_graph;
    DOCTEST_CHECK(torch::allclose(here.value, there.value, 1e-4, 1e-4));
    DOCTEST_CHECK(torch::allclose(here.gradient, there.gradient / 2, 1e-3, 1e-4));
    DOCTEST_CHECK_FALSE(torch::allclose(here.value, plain->value({x, labels}), 1e-2, 1e-2));
    // So a step of 10 with a clip of 0.01 there is one of 40 with 0.005 here, in units of half the range.
    const Tensor published = 10 * there.gradient.clamp(-0.01, 0.01);
    DOCTEST_CHECK(torch::allclose(40 * here.gradient.clamp(-0.005, 0.005), 2 * published, 1e-3, 1e-4));
}

DOCTEST_TEST_CASE("a graph that the kernels refuse is computed by LibTorch") {
    GraphEnergy energy(twin::strided_network(), false, false, 7);
    DOCTEST_CHECK(energy.fused() == nullptr);
    DOCTEST_CHECK(energy.kernel_name() == "reference (LibTorch)");
    twin::GraphNetwork network{*energy.graph()};
    for (const auto& [name, weight] : energy.parameters())
        network.weights.push_back(weight.detach());
    const Tensor x = twin::random_samples(network.graph, 5, 8);
    const auto expected = network.energy_and_gradient(x.to(torch::kDouble));
    const auto found = energy.value_and_gradient(x);
    DOCTEST_CHECK(twin::relative_error(found.value, expected.energy) < 1e-5);
    DOCTEST_CHECK(twin::relative_error(found.gradient, expected.gradient) < 1e-5);
}

DOCTEST_TEST_CASE(
    "the perceptron and the tutorial's network keep the names of their weights in checkpoints") {
    const auto names_of = [](const char* name, const Shape& shape, int layers) {
        Settings settings;
        settings.model.energy = name;
        settings.model.layers = layers;
        std::string names;
        const auto energy = make_energy(settings, shape, 1);
        for (const auto& [weight, tensor] : energy->parameters())
            names += weight + " ";
        DOCTEST_CHECK(energy->fused() != nullptr);
        return names;
    };
    DOCTEST_CHECK(names_of("mlp", {2}, 2) == "layers.0.weight layers.0.bias layers.1.weight layers.1.bias "
                                             "layers.2.weight layers.2.bias ");
    DOCTEST_CHECK(names_of("conv", {1, 28, 28}, 2) ==
                  "convolutions.0.weight convolutions.0.bias convolutions.1.weight convolutions.1.bias "
                  "convolutions.2.weight convolutions.2.bias convolutions.3.weight convolutions.3.bias "
                  "hidden.weight hidden.bias output.weight output.bias ");
}

DOCTEST_TEST_CASE("spectral normalisation makes every convolution's largest singular value 1") {
    const auto energy = random_residual(residual_settings(true), {1, 8, 8}, 3);
    const network::Graph& graph = *energy->graph();
    const auto parameters = energy->parameters();
    const auto buffers = energy->buffers();
    std::size_t next = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!graph.weights[i].spectral) continue;
        const SpectralVectors vectors{buffers[2 * next].second, buffers[2 * next + 1].second};
        ++next;
        const Tensor weight = parameters[i].second.detach();
        const Tensor singular = torch::linalg_svdvals(weight.flatten(1));
        const Tensor used =
            torch::linalg_svdvals(normalised(weight, vectors, graph.weights[i].floored).flatten(1));
        const double largest = singular[0].item<double>();
        DOCTEST_CAPTURE(parameters[i].first);
        DOCTEST_CHECK(used[0].item<double>() ==
                      doctest::Approx(graph.weights[i].floored ? std::min(1.0, largest) : 1.0).epsilon(1e-3));
    }
    DOCTEST_CHECK(next == 8);
}

DOCTEST_TEST_CASE("gradients of weights go through the spectral norm") {
    // The chain rule from the weights as used against LibTorch through the whole expression.
    const auto energy = random_residual(residual_settings(true), {1, 8, 8}, 3);
    const Batch batch{torch::rand({3, 1, 8, 8}), torch::tensor({0, 1, 2})};
    std::vector<Tensor> weights, used;
    for (const auto& [name, weight] : energy->parameters())
        weights.push_back(weight);
    const auto expected = ebm::differentiate({energy->value(batch).sum()}, weights);
    const auto buffers = energy->buffers();
    std::size_t next = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const network::Weight& weight = energy->graph()->weights[i];
        Tensor as_used = weights[i].detach();
        if (weight.spectral) {
            as_used = normalised(as_used, {buffers[next].second, buffers[next + 1].second}, weight.floored);
            next += 2;
        }
        used.push_back(as_used.requires_grad_(true));
    }
    const Tensor value = graph_value(*energy->graph(), used, batch.x, batch.labels);
    const auto found = energy->weight_gradient(ebm::differentiate({value.sum()}, used));
    for (std::size_t i = 0; i < weights.size(); ++i)
        DOCTEST_CHECK(torch::allclose(found[i], expected[i], 1e-3, 1e-5));
}

DOCTEST_TEST_CASE("without a label a conditional energy is that of the sum over classes") {
    for (const bool plane : {false, true}) {
        Settings settings = residual_settings(true);
        if (plane) settings.model.energy = "mlp";
        const auto energy = random_residual(settings, plane ? Shape{2} : Shape{1, 8, 8}, 3);
        const Tensor x = plane ? torch::randn({5, 2}) : torch::rand({5, 1, 8, 8});
        std::vector<Tensor> log_densities; // their densities may be too large for a double
        for (std::int64_t label = 0; label < 3; ++label) {
            const torch::NoGradGuard no_graph;
            const Tensor of_class =
                energy->value({x, torch::full({5}, label, torch::kLong)}).to(torch::kDouble);
            log_densities.push_back(-of_class);
            DOCTEST_CHECK(torch::allclose(class_energies(*energy, x).select(1, label).to(torch::kDouble),
                                          of_class, 1e-4, 1e-4));
        }
        const auto [value, gradient] = energy->value_and_gradient(x);
        DOCTEST_CHECK(torch::allclose(value.to(torch::kDouble),
                                      -torch::logsumexp(torch::stack(log_densities), 0), 1e-4, 1e-4));
        const Tensor leaf = x.clone().requires_grad_(true);
        const Tensor expected = ebm::differentiate({energy->value(leaf).sum()}, {leaf})[0];
        DOCTEST_CHECK(torch::allclose(gradient, expected, 1e-3, 1e-4));
        DOCTEST_CHECK(torch::allclose(without_class(class_energies(*energy, x), ClassScore::minimum),
                                      std::get<0>(class_energies(*energy, x).min(1))));
    }
}

DOCTEST_TEST_CASE("the energy moves in each step only where that is asked for") {
    Settings settings = residual_settings(false);
    const Tensor x = torch::rand({2, 1, 8, 8});
    const torch::NoGradGuard no_graph;
    for (const bool every_step : {false, true}) {
        settings.model.spectral_every_step = every_step;
        const auto energy = make_energy(settings, {1, 8, 8}, 5);
        for (const auto& [name, weight] : energy->parameters())
            weight.copy_(torch::randn_like(weight));
        energy->weights_changed();
        const Tensor first = energy->value(x), second = energy->value(x);
        DOCTEST_CHECK(torch::equal(first, second)); // whoever looks changes nothing
        DOCTEST_CHECK(torch::equal(energy->value_and_gradient(x).value, energy->value(x)));
        const PowerIterationMoves in_training;
        DOCTEST_CHECK(torch::equal(first, energy->value(x)) != every_step);
    }
}

DOCTEST_TEST_CASE("conditional energies say what they lack") {
    Settings settings = residual_settings(true);
    DOCTEST_CHECK(contains(failure_of([&] { make_energy(settings, {1, 8, 8}, 1); }), "at least two classes"));
    settings.model.stages = "1,x";
    DOCTEST_CHECK(contains(failure_of([&] { make_energy(settings, {1, 8, 8}, 1, 3); }), "model.stages"));
    settings.model.stages = "1,1,1,1";
    settings.model.blocks = "1";
    DOCTEST_CHECK(contains(failure_of([&] { make_energy(settings, {1, 8, 8}, 1, 3); }), "too small"));
}
