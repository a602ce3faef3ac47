#include "core/learn/draws.h"
#include "core/learn/score_matching.h"
#include "small_run.h"
#include "tests/unit/failure.h"
#include "tests/unit/same_bits.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace ebm;
using namespace ebm::tests;
using torch::Tensor;

namespace {

Settings score_settings(double low = 0.5, double high = 0) {
    Settings settings = small_settings();
    settings.train.method = Method::score_matching;
    settings.train.score_noise = low;
    settings.train.score_noise_high = high;
    settings.train.batch = 400;
    settings.buffer.size = 400;
    return settings;
}

/// Normal, with the standard deviations s₀ and s₁.
Tensor normal_data(double s0, double s1) {
    torch::manual_seed(5);
    return torch::randn({4000, 2}) * torch::tensor({s0, s1}).to(torch::kFloat);
}

} // namespace

DOCTEST_TEST_CASE("score matching finds the energy of blurred normal data, which is known") {
    // x̃ has variance s² + σ² = 1 / (2w) under E(x) = w₀ x₀² + w₁ x₁².
    Settings settings = score_settings();
    settings.train.iterations = 600;
    settings.train.learning_rate = 0.02;
    settings.train.decay_start = 0.3;
    settings.train.gradient_norm = 0;
    const auto learner = make_learner(settings, std::make_shared<Bowl>(0.2f, 0.2f), {normal_data(1.0, 0.25)});
    DOCTEST_CHECK(learner->buffer() == nullptr);
    Record last;
    while (learner->iteration() < settings.train.iterations)
        last = learner->step(settings);
    const Tensor w = learner->energy()->parameters()[0].second.detach();
    DOCTEST_CHECK(w[0].item<double>() == doctest::Approx(1 / (2 * 1.25)).epsilon(0.05));
    DOCTEST_CHECK(w[1].item<double>() == doctest::Approx(1 / (2 * 0.3125)).epsilon(0.05));
    // What cannot be told of the noise: z given x̃ has variance s² / (s² + σ²).
    DOCTEST_CHECK(last.loss == doctest::Approx((0.8 + 0.2) / 2).epsilon(0.1));
}

DOCTEST_TEST_CASE("the loss of score matching is that of its formula, for one size of noise and for many") {
    const Batch batch{normal_data(1, 1).slice(0, 0, 400)};
    for (const double high : {0.0, 2.0}) {
        const Settings settings = score_settings(0.5, high);
        const Bowl bowl(0.3f, 0.7f);
        const double loss = ScoreMatching::loss_of(bowl, settings, batch, 3).item<double>();
        // ∂E/∂x = 2 w x̃, so each element is (z (1 − 2wσ₀²) − 2wσ₀² x / σ)², whose mean over z is known.
        const double variance = 0.25;
        double expected = 0;
        const int sizes = high > 0 ? 2000 : 1;
        for (int k = 0; k < sizes; ++k) {
            const double sigma = high > 0 ? 0.5 * std::pow(high / 0.5, (k + 0.5) / sizes) : 0.5;
            int i = 0;
            for (const double w : {0.3, 0.7}) {
                const double mean_square =
                    batch.x.select(1, i++).to(torch::kDouble).square().mean().item<double>();
                expected += (std::pow(1 - 2 * w * variance, 2) +
                             std::pow(2 * w * variance / sigma, 2) * mean_square) /
                            2 / sizes;
            }
        }
        DOCTEST_CHECK(loss == doctest::Approx(expected).epsilon(0.1));
        DOCTEST_CHECK(loss == ScoreMatching::loss_of(bowl, settings, batch, 3).item<double>());
        DOCTEST_CHECK(loss != ScoreMatching::loss_of(bowl, settings, batch, 4).item<double>());
    }
}

DOCTEST_TEST_CASE("score matching differentiates every trainable energy twice") {
    for (const char* energy : {"mlp", "conv", "residual", "autoencoder"}) {
        Settings settings = score_settings();
        settings.model.energy = energy;
        settings.model.channels = 4;
        settings.train.batch = 8;
        settings.train.learning_rate = 1e-3;
        settings.data.noise = 0;
        const bool plane = settings.model.energy == "mlp";
        const Shape shape = plane ? Shape{2} : Shape{1, 28, 28};
        torch::manual_seed(3);
        const Tensor data = plane ? normal_data(1, 1) : (torch::rand({20, 1, 28, 28}) * 255).to(torch::kByte);
        const auto learner = make_learner(settings, make_energy(settings, shape, 3), {data});
        const Record first = learner->step(settings);
        DOCTEST_CHECK_MESSAGE(std::isfinite(first.loss), std::string(energy));
        DOCTEST_CHECK_MESSAGE(first.parameter_gradient_norm > 0, std::string(energy));
        DOCTEST_CHECK_MESSAGE(std::isfinite(first.positive_energy), std::string(energy));
        DOCTEST_CHECK_FALSE(first.has_negatives());
        // A short step along the gradient lowers the loss of the same samples with the same noise.
        const Batch batch = draw_positives(settings, {data}, settings.train.batch, 1);
        const double after = ScoreMatching::loss_of(*learner->energy(), settings, batch, 1).item<double>();
        DOCTEST_CHECK_MESSAGE(after < first.loss, std::string(energy));
    }
}

DOCTEST_TEST_CASE("the gradient of score matching equals finite differences") {
    const Settings settings = score_settings(0.5, 1.5);
    const Batch batch{normal_data(1, 1).slice(0, 0, 50)};
    const auto loss_at = [&](float w0, float w1) {
        return ScoreMatching::loss_of(Bowl(w0, w1), settings, batch, 1).item<double>();
    };
    const Bowl bowl(0.4f, 0.6f);
    const Tensor weight = bowl.parameters()[0].second;
    ScoreMatching::loss_of(bowl, settings, batch, 1).backward();
    const float h = 0.01f;
    DOCTEST_CHECK(
        weight.grad()[0].item<double>() ==
        doctest::Approx((loss_at(0.4f + h, 0.6f) - loss_at(0.4f - h, 0.6f)) / (2 * h)).epsilon(0.01));
    DOCTEST_CHECK(
        weight.grad()[1].item<double>() ==
        doctest::Approx((loss_at(0.4f, 0.6f + h) - loss_at(0.4f, 0.6f - h)) / (2 * h)).epsilon(0.01));
}

DOCTEST_TEST_CASE("score matching is resumed bit for bit") {
    const Settings settings = score_settings(0.2, 1);
    const Tensor data = normal_data(1, 0.5);
    const auto new_learner = [&] { return make_learner(settings, make_energy(settings, {2}, 3), {data}); };
    const auto going = new_learner(), resumed = new_learner();
    for (int i = 0; i < 5; ++i)
        going->step(settings);
    NamedTensors kept;
    for (const auto& [name, tensor] : going->state())
        kept.emplace_back(name, tensor.clone());
    resumed->restore(kept, going->iteration(), going->seconds(), "here");
    for (int i = 0; i < 5; ++i)
        DOCTEST_CHECK(going->step(settings).loss == resumed->step(settings).loss);
    const NamedTensors a = going->state(), b = resumed->state();
    for (std::size_t i = 0; i < a.size(); ++i)
        DOCTEST_CHECK_MESSAGE(torch::equal(a[i].second, b[i].second), a[i].first);
}

DOCTEST_TEST_CASE("score matching refuses classes, and sizes of noise that are in the wrong order") {
    Settings settings = score_settings();
    settings.model.energy = "residual";
    settings.model.conditional = true;
    settings.model.channels = 4;
    const Batch data{torch::zeros({4, 1, 28, 28}), torch::zeros({4}, torch::kLong)};
    DOCTEST_CHECK(contains(failure_of([&] {
                               make_learner(settings, make_energy(settings, {1, 28, 28}, 3, 2), data);
                           }),
                           "classes"));
    DOCTEST_CHECK(contains(failure_of([] { validate(score_settings(0.5, 0.2)); }), "largest score noise"));
}
