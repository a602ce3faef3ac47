#include "core/energy/classes.h"
#include "core/learn/cross_entropy.h"
#include "core/learn/draws.h"
#include "tests/unit/failure.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace ebm;
using ebm::tests::contains;
using ebm::tests::failure_of;
using torch::Tensor;

namespace {

Settings classifier_settings() {
    Settings settings;
    settings.model.energy = "classifier";
    settings.model.conditional = true;
    settings.model.channels = 4;
    settings.model.stages = "1,2";
    settings.train.batch = 16;
    settings.train.iterations = 60;
    settings.train.learning_rate = 0.01;
    settings.train.beta1 = 0.9;
    settings.train.average = 0.9;
    settings.data.noise = 0.1;
    return settings;
}

/// Bright bars, lying (class 0) or standing (class 1), at places of their own.
Batch bars(std::int64_t count) {
    Tensor x = torch::full({count, 1, 8, 8}, -1.0f), labels = torch::arange(count).remainder(2);
    for (std::int64_t i = 0; i < count; ++i)
        x[i][0].select(i % 2, 1 + i / 2 % 6).fill_(1);
    return {x, labels};
}

std::unique_ptr<Learner> learner_of(const Settings& settings, const Batch& data) {
    return make_learner(settings, make_energy(settings, {1, 8, 8}, 4, 2), data);
}

double accuracy(const Energy& energy, const Batch& data) {
    const torch::NoGradGuard no_graph;
    return class_energies(energy, data.x).argmin(1).eq(data.labels).to(torch::kDouble).mean().item<double>();
}

} // namespace

DOCTEST_TEST_CASE("cross entropy teaches a classifier to tell bars apart, without a buffer") {
    const Settings settings = classifier_settings();
    const Batch data = bars(48);
    const auto learner = learner_of(settings, data);
    DOCTEST_CHECK(learner->buffer() == nullptr);
    const Record first = learner->step(settings);
    DOCTEST_CHECK(first.iteration == 1);
    DOCTEST_CHECK(first.loss == doctest::Approx(std::log(2)).epsilon(0.5));
    Record last;
    while (learner->iteration() < settings.train.iterations)
        last = learner->step(settings);
    DOCTEST_CHECK(last.loss < 0.1);
    DOCTEST_CHECK(accuracy(*learner->energy(), data) == 1);
    DOCTEST_CHECK(accuracy(*learner->average(), data) == 1);
}

DOCTEST_TEST_CASE("a record of cross entropy holds the energies of its batch as they were before the step") {
    Settings settings = classifier_settings();
    settings.train.average = 0;
    const Batch data = bars(48);
    const auto learner = learner_of(settings, data);
    const auto before = learner->energy()->clone();
    const Record record = learner->step(settings);
    const torch::NoGradGuard no_graph;
    const Batch batch = draw_positives(settings, data, 16, 1);
    const Tensor energies = class_energies(*before, batch.x);
    const double own = before->value(batch).mean().item<double>();
    DOCTEST_CHECK(record.positive_energy == doctest::Approx(own).epsilon(1e-4));
    DOCTEST_CHECK_FALSE(record.has_negatives());
    const double loss = own + torch::logsumexp(-energies, 1).mean().item<double>();
    DOCTEST_CHECK(record.loss == doctest::Approx(loss).epsilon(1e-4));
    DOCTEST_CHECK(record.class_loss == record.loss);
    DOCTEST_CHECK(record.parameter_gradient_norm > 0);
    DOCTEST_CHECK(std::isnan(record.acceptance));
}

DOCTEST_TEST_CASE("cross entropy is resumed bit for bit") {
    const Settings settings = classifier_settings();
    const Batch data = bars(48);
    const auto going = learner_of(settings, data);
    for (int i = 0; i < 5; ++i)
        going->step(settings);
    const auto resumed = learner_of(settings, data);
    NamedTensors kept;
    for (const auto& [name, tensor] : going->state())
        kept.emplace_back(name, tensor.clone());
    resumed->restore(kept, going->iteration(), going->seconds(), "here");
    for (int i = 0; i < 5; ++i)
        DOCTEST_CHECK(going->step(settings).loss == resumed->step(settings).loss);
    const NamedTensors a = going->state(), b = resumed->state();
    DOCTEST_REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        DOCTEST_CHECK_MESSAGE(torch::equal(a[i].second, b[i].second), a[i].first);
    kept.pop_back();
    DOCTEST_CHECK(contains(failure_of([&] { resumed->restore(kept, 1, 1, "a file"); }), "a file"));
}

DOCTEST_TEST_CASE("cross entropy refuses data without labels and of another shape") {
    const Settings settings = classifier_settings();
    DOCTEST_CHECK(contains(failure_of([&] { learner_of(settings, Batch(bars(8).x)); }), "labels"));
    DOCTEST_CHECK(
        contains(failure_of([&] {
                     learner_of(settings, {torch::zeros({4, 1, 9, 8}), torch::zeros({4}, torch::kLong)});
                 }),
                 "shape"));
    const auto alone = learner_of(settings, Batch());
    DOCTEST_CHECK(contains(failure_of([&] { alone->step(settings); }), "no data"));
}
