#include "small_run.h"

#include "core/energy/differentiate.h"
#include "core/learn/draws.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace ebm::tests;
using torch::Tensor;

namespace {

/// E(x, y) = w_y · x₀ on the plane, two classes: by hand p(0|x) = 1 / (1 + exp((w₀ − w₁) x₀ / τ)).
class Slopes final : public ebm::Energy {
public:
    explicit Slopes(Tensor slopes) : slopes_(slopes.detach().clone().requires_grad_(true)) {}
    ebm::Shape sample_shape() const override { return {2}; }
    int classes() const override { return 2; }
    Tensor value(const ebm::Batch& batch) const override {
        return batch.x.select(1, 0) * slopes_.index_select(0, batch.labels);
    }
    ebm::NamedTensors parameters() const override { return {{"slopes", slopes_}}; }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Slopes>(slopes_); }

private:
    Tensor slopes_;
};

/// Two Gaussians beside each other, a class each.
ebm::Batch hills(std::int64_t count) {
    torch::manual_seed(2);
    const Tensor labels = torch::arange(count).remainder(2);
    const Tensor x = torch::randn({count, 2}) * 0.3;
    x.select(1, 0).add_(labels * 2 - 1);
    return {x, labels};
}

ebm::Settings class_settings() {
    ebm::Settings settings = small_settings();
    settings.model.energy = "mlp";
    settings.model.conditional = true;
    settings.train.class_weight = 0.5;
    settings.train.class_temperature = 0.25;
    return settings;
}

ebm::ContrastiveDivergence contrastive_learner(const ebm::Settings& settings) {
    return {settings, ebm::make_energy(settings, {2}, 3, 2), hills(200)};
}

double distance(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
    double squared = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        squared += (a[i] - b[i]).square().sum().item<double>();
    return std::sqrt(squared);
}

double length(const std::vector<Tensor>& a) {
    double squared = 0;
    for (const Tensor& part : a)
        squared += part.square().sum().item<double>();
    return std::sqrt(squared);
}

} // namespace

DOCTEST_TEST_CASE("the class loss of two slopes by hand") {
    const Slopes energy(torch::tensor({0.5f, -1.0f}));
    const ebm::Batch batch(torch::tensor({{2.0f, 9.0f}}), torch::tensor({0}));
    for (const double temperature : {1.0, 0.5}) {
        const double p1 = 1 / (1 + std::exp(-1.5 * 2 / temperature)); // E(x, 0) = 1, E(x, 1) = −2
        const ebm::ClassGradient result = ebm::class_gradient(energy, batch, temperature);
        DOCTEST_CHECK(result.loss == doctest::Approx(-std::log(1 - p1)));
        DOCTEST_CHECK(result.gradient[0][0].item<double>() == doctest::Approx(p1 * 2 / temperature));
        DOCTEST_CHECK(result.gradient[0][1].item<double>() == doctest::Approx(-p1 * 2 / temperature));
    }
}

DOCTEST_TEST_CASE(
    "the gradient of the class loss equals autograd of its formula, with and without a kernel") {
    torch::manual_seed(4);
    ebm::Settings settings = class_settings();
    settings.model.channels = 4;
    settings.model.stages = "1,2";
    for (const bool plane : {true, false}) {
        settings.model.energy = plane ? "mlp" : "residual";
        // 60 · 7 pairs: more than are evaluated at a time.
        const int classes = 7;
        const auto energy =
            ebm::make_energy(settings, plane ? ebm::Shape{2} : ebm::Shape{1, 8, 8}, 3, classes);
        const Tensor x = plane ? torch::randn({60, 2}) : torch::randn({60, 1, 8, 8});
        const Tensor labels = torch::randint(classes, {60}, torch::kLong);
        {
            const torch::NoGradGuard no_graph;
            for (const auto& [name, weight] : energy->parameters())
                weight.add_(torch::randn(weight.sizes()) * 0.3);
            energy->weights_changed();
        }
        DOCTEST_CHECK(energy->fused() != nullptr);
        std::vector<Tensor> weights;
        for (const auto& [name, weight] : energy->parameters())
            weights.push_back(weight);
        for (const double temperature : {1.0, 0.2}) {
            std::vector<Tensor> columns;
            for (std::int64_t label = 0; label < classes; ++label)
                columns.push_back(energy->value({x, torch::full({60}, label, torch::kLong)}));
            const Tensor loss = torch::cross_entropy_loss(-torch::stack(columns, 1) / temperature, labels);
            const auto expected = ebm::differentiate({loss}, weights, {}, {.unused = true});
            std::vector<Tensor> whole;
            for (std::size_t i = 0; i < weights.size(); ++i)
                whole.push_back(expected[i].defined() ? expected[i] : torch::zeros_like(weights[i]).detach());
            for (const bool reference : {true, false}) {
                const ebm::ClassGradient result =
                    (reference ? ebm::class_gradient_reference : ebm::class_gradient)(*energy, {x, labels},
                                                                                      temperature);
                DOCTEST_CAPTURE(plane);
                DOCTEST_CAPTURE(reference);
                DOCTEST_CHECK(result.loss == doctest::Approx(loss.item<double>()).epsilon(1e-4));
                DOCTEST_REQUIRE(result.gradient.size() == whole.size());
                DOCTEST_CHECK(distance(result.gradient, whole) < 1e-4 * length(whole));
            }
        }
    }
}

DOCTEST_TEST_CASE("the class loss is a term of loss and gradient, of as many samples as asked for") {
    ebm::Settings settings = class_settings();
    settings.data.noise = 0;
    const auto energy = ebm::make_energy(settings, {2}, 3, 2);
    const ebm::Batch data = hills(32), negatives(torch::randn({32, 2}), torch::arange(32).remainder(2));
    for (const int rows : {0, 5, 100}) {
        settings.train.class_batch = rows;
        const ebm::LossGradient before = ebm::loss_gradient(*energy, data, negatives, 0.1);
        ebm::LossGradient with = ebm::loss_gradient(*energy, data, negatives, 0.1);
        ebm::add_class_loss(settings, *energy, data, with);
        const std::int64_t used = rows == 5 ? 5 : 32;
        const ebm::ClassGradient alone = ebm::class_gradient_reference(
            *energy, {data.x.slice(0, 0, used), data.labels.slice(0, 0, used)}, 0.25);
        DOCTEST_CHECK(with.class_loss == doctest::Approx(alone.loss).epsilon(1e-4));
        DOCTEST_CHECK(with.loss == doctest::Approx(before.loss + 0.5 * alone.loss).epsilon(1e-4));
        std::vector<Tensor> expected;
        for (std::size_t i = 0; i < alone.gradient.size(); ++i)
            expected.push_back(before.gradient[i] + 0.5 * alone.gradient[i]);
        DOCTEST_CHECK(distance(with.gradient, expected) < 1e-4 * length(expected));
    }
    settings.train.class_weight = 0;
    ebm::LossGradient off = ebm::loss_gradient(*energy, data, negatives, 0.1);
    const double before = off.loss;
    ebm::add_class_loss(settings, *energy, data, off);
    DOCTEST_CHECK(std::isnan(off.class_loss));
    DOCTEST_CHECK(off.loss == before);
}

DOCTEST_TEST_CASE("record and account tell the class loss, which falls while it is learned") {
    ebm::Settings settings = class_settings();
    settings.train.iterations = 60;
    auto learner = contrastive_learner(settings);
    learner.keep_account(true);
    const ebm::Record first = learner.step(settings);
    DOCTEST_CHECK(first.class_loss == doctest::Approx(std::log(2)).epsilon(0.3));
    DOCTEST_CHECK(first.loss ==
                  doctest::Approx(first.difference() + 0.05 * first.regulariser + 0.5 * first.class_loss)
                      .epsilon(1e-4));
    DOCTEST_CHECK(learner.account()->class_loss == first.class_loss);
    DOCTEST_CHECK(learner.account()->class_weight == 0.5f);
    ebm::Record last;
    while (learner.iteration() < settings.train.iterations)
        last = learner.step(settings);
    DOCTEST_CHECK(last.class_loss < 0.3 * first.class_loss);

    settings.train.class_weight = 0;
    auto plain = contrastive_learner(settings);
    plain.keep_account(true);
    DOCTEST_CHECK(std::isnan(plain.step(settings).class_loss));
    DOCTEST_CHECK(plain.account()->class_weight == 0);
    // Without classes there is nothing to tell apart.
    settings = small_settings();
    settings.train.class_weight = 0.5;
    auto single = small_learner(settings);
    DOCTEST_CHECK(std::isnan(single.step(settings).class_loss));
}
