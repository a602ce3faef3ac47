#include "core/energy/classes.h"
#include "core/energy/classifier.h"
#include "core/energy/registry.h"
#include "tests/unit/failure.h"

#include <doctest/doctest.h>

using namespace ebm;
using ebm::tests::contains;
using ebm::tests::failure_of;
using torch::Tensor;

namespace {

Settings small_classifier() {
    Settings settings;
    settings.model.energy = "classifier";
    settings.model.conditional = true;
    settings.model.channels = 4;
    settings.model.stages = "1,2";
    return settings;
}

std::shared_ptr<Energy> make_small(int classes = 3) {
    auto energy = make_energy(small_classifier(), {2, 8, 8}, 5, classes);
    torch::manual_seed(2);
    // The second convolutions begin near zero, gains at one: everything is to matter here.
    const torch::NoGradGuard no_graph;
    for (const auto& [name, weight] : energy->parameters())
        weight.add_(0.3 * torch::randn_like(weight));
    return energy;
}

const Classifier& classifier(const std::shared_ptr<Energy>& energy) {
    return dynamic_cast<const Classifier&>(*energy);
}

} // namespace

DOCTEST_TEST_CASE("a classifier's energy is minus its logit, and minus their logsumexp without a class") {
    const auto energy = make_small();
    torch::manual_seed(1);
    const torch::NoGradGuard no_graph;
    const Tensor x = torch::rand({5, 2, 8, 8}) * 2 - 1;
    const Tensor logits = classifier(energy).logits(x);
    DOCTEST_REQUIRE(logits.sizes() == torch::IntArrayRef({5, 3}));
    DOCTEST_CHECK(energy->classes() == 3);
    DOCTEST_CHECK(energy->sample_shape() == Shape{2, 8, 8});
    const Tensor labels = torch::tensor({0, 2, 1, 1, 0}, torch::kLong);
    const Tensor labelled = energy->value({x, labels}), alone = energy->value(x);
    for (int i = 0; i < 5; ++i) {
        double sum = 0;
        for (int y = 0; y < 3; ++y)
            sum += std::exp(logits[i][y].item<double>());
        DOCTEST_CHECK(alone[i].item<double>() == doctest::Approx(-std::log(sum)).epsilon(1e-5));
        DOCTEST_CHECK(labelled[i].item<float>() == -logits[i][labels[i].item<int>()].item<float>());
    }
    // In one pass, and the same as class by class.
    for (int y = 0; y < 3; ++y)
        DOCTEST_CHECK(torch::allclose(class_energies(*energy, x).select(1, y),
                                      energy->value({x, torch::full({5}, y, torch::kLong)}), 1e-5, 1e-5));
    DOCTEST_CHECK(torch::allclose(classifier(energy).logits_of_features(classifier(energy).features(x)),
                                  logits, 1e-5, 1e-5));
}

DOCTEST_TEST_CASE("a classifier's gradient with respect to pictures equals finite differences") {
    const auto energy = make_small();
    for (auto& [name, weight] : energy->parameters())
        weight.set_data(weight.detach().to(torch::kDouble));
    torch::manual_seed(3);
    const Tensor x = torch::rand({2, 2, 8, 8}, torch::kDouble) * 2 - 1;
    const auto [value, gradient] = energy->value_and_gradient(x);
    const torch::NoGradGuard no_graph;
    for (int e = 0; e < 128; e += 7) {
        Tensor up = x.clone(), down = x.clone();
        up.flatten(1).select(1, e).add_(1e-5);
        down.flatten(1).select(1, e).sub_(1e-5);
        const Tensor expected = (energy->value(up) - energy->value(down)) / 2e-5;
        DOCTEST_CHECK(torch::allclose(gradient.flatten(1).select(1, e), expected, 1e-5, 1e-7));
    }
}

DOCTEST_TEST_CASE("a classifier's copy has weights of its own, and as many as its description says") {
    const auto energy = make_small();
    const auto copy = energy->clone();
    const torch::NoGradGuard no_graph;
    const Tensor x = torch::ones({1, 2, 8, 8});
    const Tensor before = energy->value(x).clone();
    DOCTEST_CHECK(torch::equal(copy->value(x), before));
    copy->parameters().back().second.add_(1);
    DOCTEST_CHECK(torch::equal(energy->value(x), before));
    DOCTEST_CHECK_FALSE(torch::equal(copy->value(x), before));
    std::int64_t described = 0, held = 0;
    for (const network::LayerFacts& layer : energy_layers(small_classifier(), {2, 8, 8}, 3))
        described += layer.parameters;
    for (const auto& [name, weight] : energy->parameters())
        held += weight.numel();
    DOCTEST_CHECK(described == held);
}

DOCTEST_TEST_CASE("a classifier needs classes and pictures") {
    Settings settings = small_classifier();
    settings.model.conditional = false;
    DOCTEST_CHECK(contains(failure_of([&] { make_energy(settings, {2, 8, 8}, 1, 3); }), "model.conditional"));
    settings.model.conditional = true;
    DOCTEST_CHECK(contains(failure_of([&] { make_energy(settings, {2, 8, 8}, 1, 0); }), "two classes"));
    DOCTEST_CHECK(contains(failure_of([&] { make_energy(settings, {2}, 1, 3); }), "needs pictures"));
}
