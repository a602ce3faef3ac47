#include "core/learn/maximum_likelihood.h"
#include "small_run.h"
#include "tests/unit/failure.h"
#include "tests/unit/same_bits.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <numbers>

using namespace ebm::tests;
using ebm::Record;
using torch::Tensor;

namespace {

ebm::Settings flow_settings() {
    ebm::Settings settings = small_settings();
    settings.model.energy = "flow";
    settings.model.flow_steps = 3;
    settings.train.learning_rate = 0.01;
    settings.train.beta1 = 0.9;
    settings.train.gradient_norm = 10;
    return settings;
}

/// On points of a ring, or on pictures of random bytes.
std::unique_ptr<ebm::Learner> flow_learner(const ebm::Settings& settings, bool pictures) {
    torch::manual_seed(9);
    const ebm::Shape shape = pictures ? ebm::Shape{1, 4, 4} : ebm::Shape{2};
    const Tensor data = pictures ? (torch::rand({100, 1, 4, 4}) * 100).to(torch::kByte) : ring_data(200);
    return ebm::make_learner(settings, ebm::make_energy(settings, shape, 3), data);
}

ebm::NamedTensors copy_of_state(const ebm::Learner& learner) {
    ebm::NamedTensors copies;
    for (const auto& [name, tensor] : learner.state())
        copies.emplace_back(name, tensor.clone());
    return copies;
}

} // namespace

DOCTEST_TEST_CASE("maximum likelihood lowers the loss of a flow, and says nothing of chains") {
    for (const bool pictures : {false, true}) {
        const ebm::Settings settings = flow_settings();
        const auto learner = flow_learner(settings, pictures);
        DOCTEST_CHECK(learner->buffer() == nullptr);
        const Record first = learner->step(settings);
        Record last;
        for (int i = 0; i < 60; ++i)
            last = learner->step(settings);
        DOCTEST_CHECK(last.iteration == 61);
        DOCTEST_CHECK(last.loss < first.loss - 0.2f);
        DOCTEST_CHECK(last.positive_energy == last.loss);
        DOCTEST_CHECK(last.parameter_gradient_norm > 0);
        DOCTEST_CHECK_FALSE(last.has_negatives());
        for (const float unknown : {last.negative_energy, last.negative_energy_sd, last.difference(),
                                    last.acceptance, last.fresh_share, last.gradient_norm_max, last.distance})
            DOCTEST_CHECK(std::isnan(unknown));
        if (pictures)
            DOCTEST_CHECK(last.bits_per_dimension ==
                          doctest::Approx(last.loss / (16 * std::numbers::ln2)).epsilon(1e-4));
        else
            DOCTEST_CHECK(std::isnan(last.bits_per_dimension));
    }
}

DOCTEST_TEST_CASE("the loss of a flow is that of its weights before the update") {
    ebm::Settings settings = flow_settings();
    settings.train.batch = 200;
    const auto learner = flow_learner(settings, false);
    const auto before = std::dynamic_pointer_cast<ebm::Density>(learner->energy()->clone());
    const Record record = learner->step(settings);
    ebm::Settings plain = settings;
    const ebm::Batch drawn = ebm::draw_positives(plain, {ring_data(200)}, 200, 1);
    const torch::NoGradGuard no_graph;
    DOCTEST_CHECK(record.loss == doctest::Approx(before->value(drawn).mean().item<double>()).epsilon(1e-4));
}

DOCTEST_TEST_CASE("a flow goes on from its state bit for bit, normalisations included") {
    for (const bool pictures : {false, true}) {
        ebm::Settings settings = flow_settings();
        settings.train.optimizer = pictures ? ebm::OptimizerKind::adamax : ebm::OptimizerKind::adam;
        const auto whole = flow_learner(settings, pictures);
        for (const int pause : {0, 1, 4}) {
            while (whole->iteration() < pause)
                whole->step(settings);
            const auto state = copy_of_state(*whole);
            const auto resumed = flow_learner(settings, pictures);
            resumed->restore(state, pause, 2.5, "state");
            DOCTEST_CHECK(resumed->iteration() == pause);
            DOCTEST_CHECK(resumed->seconds() == 2.5);
            const auto other = flow_learner(settings, pictures);
            other->restore(state, pause, 0, "state");
            for (int i = 0; i < 3; ++i) {
                resumed->step(settings);
                other->step(settings);
            }
            DOCTEST_CHECK(same_bits(copy_of_state(*resumed), copy_of_state(*other)));
            if (pause == 4) {
                for (int i = 0; i < 3; ++i)
                    whole->step(settings);
                DOCTEST_CHECK(same_bits(copy_of_state(*whole), copy_of_state(*resumed)));
            }
        }
    }
}

DOCTEST_TEST_CASE("a loss that is not finite stops the training and changes nothing") {
    const ebm::Settings settings = flow_settings();
    const auto learner = flow_learner(settings, false);
    learner->step(settings);
    {
        const torch::NoGradGuard no_graph;
        learner->energy()->parameters()[0].second.fill_(std::nanf(""));
    }
    const auto before = copy_of_state(*learner);
    const std::string why = failure_of([&] { learner->step(settings); });
    DOCTEST_CHECK(contains(why, "The loss stopped being finite"));
    DOCTEST_CHECK(contains(why, "iteration 2"));
    DOCTEST_CHECK(learner->iteration() == 1);
    DOCTEST_CHECK(same_bits(before, copy_of_state(*learner)));
}

DOCTEST_TEST_CASE("a state of another model is refused") {
    ebm::Settings settings = flow_settings();
    const auto learner = flow_learner(settings, false);
    ebm::NamedTensors state = copy_of_state(*learner);
    state.pop_back();
    DOCTEST_CHECK(contains(failure_of([&] { learner->restore(state, 1, 0, "file"); }), "has no tensor"));
    settings.model.width = 8;
    const auto other = flow_learner(settings, false);
    DOCTEST_CHECK(contains(failure_of([&] { other->restore(copy_of_state(*learner), 1, 0, "file"); }),
                           "another shape or type"));
}

DOCTEST_TEST_CASE("samples that are not finite are counted, not handed on") {
    const ebm::Settings settings = flow_settings();
    const auto density = std::dynamic_pointer_cast<ebm::Density>(ebm::make_energy(settings, {2}, 3));
    DOCTEST_CHECK(ebm::finite_draws(*density, 5, 1).isfinite().all().item<bool>());
    const torch::NoGradGuard no_graph;
    density->parameters()[0].second.fill_(std::nanf(""));
    DOCTEST_CHECK(contains(failure_of([&] { static_cast<void>(ebm::finite_draws(*density, 5, 1)); }),
                           "5 of 5 samples"));
}
