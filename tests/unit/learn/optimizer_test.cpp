#include "small_run.h"

#include "core/kernels/adam.h"
#include "tests/unit/torch_adam.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ebm::tests;
using torch::Tensor;

DOCTEST_TEST_CASE("the optimizer is Adam: two iterations by hand, with bias correction and clipping") {
    // One slot, one datum: the gradient of w_j is x⁺_j² − x⁻_j², known after the iteration from the buffer.
    ebm::Settings settings;
    settings.train.batch = 1;
    settings.buffer.size = 1;
    settings.train.gradient_norm = 2.0;
    ebm::ContrastiveDivergence learner(settings, std::make_shared<Bowl>(), torch::tensor({{1.0f, 2.0f}}));
    const double beta1 = settings.train.beta1, beta2 = settings.train.beta2,
                 rate = settings.train.learning_rate;
    double w[2] = {0.5, 1.0}, first[2] = {}, second[2] = {};
    for (int t = 1; t <= 3; ++t) {
        const auto record = learner.step(settings);
        double g[2];
        for (int j = 0; j < 2; ++j) {
            const double positive = j + 1.0, negative = learner.buffer()->samples_[0][j].item<double>();
            g[j] = positive * positive - negative * negative;
        }
        const double norm = std::hypot(g[0], g[1]);
        DOCTEST_CHECK(record.parameter_gradient_norm == doctest::Approx(norm).epsilon(1e-4));
        for (int j = 0; j < 2; ++j) {
            g[j] *= std::min(1.0, 2.0 / norm);
            first[j] = beta1 * first[j] + (1 - beta1) * g[j];
            second[j] = beta2 * second[j] + (1 - beta2) * g[j] * g[j];
            w[j] -= rate * (first[j] / (1 - std::pow(beta1, t))) /
                    (std::sqrt(second[j] / (1 - std::pow(beta2, t))) + 1e-8);
            const double actual = learner.energy()->parameters()[0].second.detach()[j].item<double>();
            DOCTEST_CHECK(actual == doctest::Approx(w[j]).epsilon(1e-4));
        }
    }
}

DOCTEST_TEST_CASE("Adam equals LibTorch's over many steps") {
    torch::manual_seed(8);
    Tensor theirs = torch::randn({50}).requires_grad_(true);
    Tensor ours = theirs.detach().clone(), m = torch::zeros({50}), v = torch::zeros({50});
    TorchAdam adam({theirs}, 0.02, 0.5, 0.99);
    for (int step = 1; step <= 30; ++step) {
        const Tensor gradient = torch::randn({50});
        theirs.mutable_grad() = gradient.clone();
        adam.step();
        ebm::kernels::adam_ema(ours.data_ptr<float>(), m.data_ptr<float>(), v.data_ptr<float>(), nullptr,
                               gradient.data_ptr<float>(), 50,
                               ebm::kernels::adam_step(0.02f, 0.5f, 0.99f, step), 1);
    }
    DOCTEST_CHECK(torch::allclose(ours, theirs.detach(), 1e-4, 1e-5));
}

DOCTEST_TEST_CASE("AdaMax by hand: the step is divided by the largest recent gradient") {
    ebm::Settings settings;
    settings.train.optimizer = ebm::OptimizerKind::adamax;
    settings.train.average = 0.6;
    settings.train.decay_start = 1;
    Bowl energy, average;
    ebm::Optimizer optimizer(energy);
    const double beta1 = settings.train.beta1, beta2 = settings.train.beta2,
                 rate = settings.train.learning_rate;
    double w[2] = {0.5, 1.0}, first[2] = {}, largest[2] = {}, mean[2] = {0.5, 1.0};
    const float gradients[3][2] = {{4, -1}, {0.5, 2}, {-1, 0}};
    for (int t = 1; t <= 3; ++t) {
        const Tensor gradient = torch::tensor({gradients[t - 1][0], gradients[t - 1][1]});
        optimizer.step(settings, energy, average, {gradient}, 0.5, t);
        const double keep = std::min(0.6, (1.0 + t) / (10.0 + t));
        for (int j = 0; j < 2; ++j) {
            const double g = 0.5 * gradients[t - 1][j];
            first[j] = beta1 * first[j] + (1 - beta1) * g;
            largest[j] = std::max(beta2 * largest[j], std::abs(g));
            w[j] -= rate / (1 - std::pow(beta1, t)) * first[j] / (largest[j] + 1e-8);
            mean[j] = keep * mean[j] + (1 - keep) * w[j];
            DOCTEST_CHECK(energy.parameters()[0].second.detach()[j].item<double>() ==
                          doctest::Approx(w[j]).epsilon(1e-5));
            DOCTEST_CHECK(average.parameters()[0].second.detach()[j].item<double>() ==
                          doctest::Approx(mean[j]).epsilon(1e-5));
        }
    }
}

DOCTEST_TEST_CASE("each element's gradient is clipped by the mean square before the step, by hand") {
    // As custom_adam.py of the released code: ±(3 √v̂ + 0.1), v̂ of the steps before with the correction of
    // this one.
    ebm::Settings settings;
    settings.train.element_clip = true;
    settings.train.gradient_norm = 0;
    settings.train.beta1 = 0;
    settings.train.beta2 = 0.9;
    Bowl energy, average;
    ebm::Optimizer optimizer(energy);
    const double rate = settings.train.learning_rate;
    double w[2] = {0.5, 1.0}, second[2] = {};
    // Beyond 0.1 at first, of both signs; then one beyond the bound of what came before, and one within it.
    const float gradients[3][2] = {{4, -0.05f}, {-2, 0.1f}, {0.3f, 5}};
    const double clipped[3][2] = {{0.1, -0.05}, {-0.317643, 0.1}, {0.3, 0.301699}};
    for (int t = 1; t <= 3; ++t) {
        optimizer.step(settings, energy, average,
                       {torch::tensor({2 * gradients[t - 1][0], 2 * gradients[t - 1][1]})}, 0.5, t);
        for (int j = 0; j < 2; ++j) {
            const double bound = 3 * std::sqrt(second[j] / (1 - std::pow(0.9, t))) + 0.1;
            const double g = std::clamp(static_cast<double>(gradients[t - 1][j]), -bound, bound);
            DOCTEST_CHECK(g == doctest::Approx(clipped[t - 1][j]).epsilon(1e-3));
            second[j] = 0.9 * second[j] + 0.1 * g * g;
            w[j] -= rate * g / (std::sqrt(second[j] / (1 - std::pow(0.9, t))) + 1e-8);
            DOCTEST_CHECK(energy.parameters()[0].second.detach()[j].item<double>() ==
                          doctest::Approx(w[j]).epsilon(1e-5));
        }
    }
}

DOCTEST_TEST_CASE("the learning rate is constant, then falls linearly") {
    ebm::Settings settings;
    settings.train.iterations = 100;
    settings.train.learning_rate = 0.01;
    settings.train.decay_start = 0.6;
    settings.train.decay_to = 0.1;
    DOCTEST_CHECK(ebm::learning_rate(settings, 1, 1) == doctest::Approx(0.01));
    DOCTEST_CHECK(ebm::learning_rate(settings, 60, 60) == doctest::Approx(0.01));
    DOCTEST_CHECK(ebm::learning_rate(settings, 80, 80) == doctest::Approx(0.0055));
    DOCTEST_CHECK(ebm::learning_rate(settings, 100, 100) == doctest::Approx(0.001));
    DOCTEST_CHECK(ebm::learning_rate(settings, 500, 500) == doctest::Approx(0.001));
    settings.train.decay_start = 1.0;
    DOCTEST_CHECK(ebm::learning_rate(settings, 100, 100) == doctest::Approx(0.01));
    settings.train.warm_up = 40;
    DOCTEST_CHECK(ebm::learning_rate(settings, 1, 1) == doctest::Approx(0.00025));
    DOCTEST_CHECK(ebm::learning_rate(settings, 20, 20) == doctest::Approx(0.005));
    DOCTEST_CHECK(ebm::learning_rate(settings, 40, 40) == doctest::Approx(0.01));
    // Of an exported model the iterations go on and the optimizer begins anew: so does its warm-up.
    DOCTEST_CHECK(ebm::learning_rate(settings, 50, 1) == doctest::Approx(0.00025));
}

DOCTEST_TEST_CASE("gradient clipping scales the whole gradient, and the record holds the norm before") {
    ebm::Settings settings = small_settings();
    settings.train.gradient_norm = 0.001;
    settings.train.beta1 = 0;
    ebm::ContrastiveDivergence clipped = small_learner(settings);
    settings.train.gradient_norm = 0;
    ebm::ContrastiveDivergence free = small_learner(settings);
    const auto free_record = free.step(settings);
    settings.train.gradient_norm = 0.001;
    const auto record = clipped.step(settings);
    DOCTEST_CHECK(record.parameter_gradient_norm == free_record.parameter_gradient_norm);
    DOCTEST_REQUIRE(record.parameter_gradient_norm > 0.01f);
    // With β₁ = 0 the first moment is the clipped gradient itself.
    double squared = 0;
    for (const auto& [name, tensor] : clipped.state())
        if (name.starts_with("adam.m.")) squared += tensor.square().sum().item<double>();
    DOCTEST_CHECK(std::sqrt(squared) == doctest::Approx(0.001).epsilon(1e-4));
}

DOCTEST_TEST_CASE("averaged weights follow w with the warmed-up decay") {
    DOCTEST_CHECK(ebm::average_decay(0.995, 1) == doctest::Approx(2.0 / 11));
    DOCTEST_CHECK(ebm::average_decay(0.995, 100000) == 0.995);
    DOCTEST_CHECK(ebm::average_decay(0.0, 5) == 0.0);

    ebm::Settings settings = small_settings();
    settings.train.average = 0.6;
    ebm::ContrastiveDivergence learner = small_learner(settings);
    Tensor expected = learner.energy()->parameters()[0].second.detach().clone();
    for (int i = 1; i <= 12; ++i) {
        learner.step(settings);
        const double keep = std::min(0.6, (1.0 + i) / (10.0 + i));
        expected = keep * expected + (1 - keep) * learner.energy()->parameters()[0].second.detach();
        DOCTEST_CHECK(
            torch::allclose(learner.average()->parameters()[0].second.detach(), expected, 1e-4, 1e-6));
    }
    settings.train.average = 0;
    learner.step(settings);
    for (std::size_t i = 0; i < learner.energy()->parameters().size(); ++i)
        DOCTEST_CHECK(torch::equal(learner.average()->parameters()[i].second,
                                   learner.energy()->parameters()[i].second));
}
