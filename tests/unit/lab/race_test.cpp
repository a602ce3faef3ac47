#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "core/lab/race.h"
#include "core/measure/diagnostics.h"
#include "tests/unit/failure.h"
#include "tests/unit/lab/small_scene.h"

#include <cmath>
#include <numeric>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

RaceSettings short_race() {
    RaceSettings race;
    race.runners = {{"langevin", 0.05}, {"mala", 0.2}, {"hmc", 0.25}, {"tempering", 0.2}};
    race.chains = 8;
    race.gradients = 401;
    race.warm_up = 40;
    race.leapfrogs = 5;
    race.replicas = 4;
    return race;
}

/// A mixture of Gaussians: analytic, three modes.
Scene mixture() {
    Scene scene = find_scene("gaussian_mixture");
    scene.settings.view.resolution = 32;
    scene.settings.sampler.chains = 20;
    return scene;
}

const RaceLane& lane(const RaceView& view, const std::string& name) {
    return *std::ranges::find(view.lanes, name, &RaceLane::sampler);
}

} // namespace

DOCTEST_TEST_CASE(
    "race: all samplers use as many gradients, and every number is that of the draws that come back") {
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{mixture(), false});
    double told = 0;
    const RaceOutcome outcome = laboratory.race(short_race(), [&](double done) {
        DOCTEST_CHECK(done >= told);
        told = done;
        return true;
    });
    DOCTEST_CHECK(told == doctest::Approx(1));
    DOCTEST_REQUIRE(outcome.view.lanes.size() == 4);
    DOCTEST_CHECK(outcome.view.done);
    DOCTEST_CHECK(outcome.view.temperature == 1);
    DOCTEST_REQUIRE(outcome.view.mode_shares.size() == 3);
    for (std::size_t i = 0; i < 4; ++i) {
        const RaceLane& one = outcome.view.lanes[i];
        const RaceOutcome::Draws& draws = outcome.draws[i];
        DOCTEST_CAPTURE(one.sampler);
        DOCTEST_CHECK_FALSE(one.step_found);
        DOCTEST_CHECK(one.gradients <= 401);
        DOCTEST_CHECK(one.gradients + one.cost > 401);
        // 361 gradients after the warm-up, the last draw of which may reach beyond it.
        DOCTEST_CHECK(std::abs(one.draws - 361 / one.cost) <= 1);
        DOCTEST_CHECK(draws.draws == one.draws);
        DOCTEST_REQUIRE(draws.statistics == std::vector<std::string>{"x", "y", "energy"});
        double least = 1e300, largest = 0;
        for (const std::vector<double>& values : draws.values) {
            DOCTEST_REQUIRE(static_cast<std::int64_t>(values.size()) == 8 * draws.draws);
            measure::Chains chains;
            for (std::int64_t chain = 0; chain < 8; ++chain)
                chains.emplace_back(values.begin() + chain * draws.draws,
                                    values.begin() + (chain + 1) * draws.draws);
            least = std::min(least, measure::bulk_effective_sample_size(chains));
            largest = std::max(largest, measure::rank_r_hat(chains));
        }
        DOCTEST_CHECK(one.effective_samples == doctest::Approx(least));
        DOCTEST_CHECK(one.r_hat == doctest::Approx(largest));
        // Tempering evaluates every replica.
        const double evaluations = 8.0 * static_cast<double>(one.draws * one.cost);
        DOCTEST_CHECK(one.per_gradient == doctest::Approx(least / evaluations));
        DOCTEST_CHECK(one.seconds > 0);
        DOCTEST_CHECK(std::accumulate(one.mode_shares.begin(), one.mode_shares.end(), one.mode_none) ==
                      doctest::Approx(1));
        DOCTEST_CHECK(one.positions.size() == 16);
        DOCTEST_CHECK(one.trace.back() ==
                      static_cast<float>(draws.values[0][static_cast<std::size_t>(draws.draws - 1)]));
    }
    DOCTEST_CHECK(lane(outcome.view, "hmc").cost == 5);
    DOCTEST_CHECK(lane(outcome.view, "tempering").cost == 4);
    DOCTEST_CHECK(std::isnan(lane(outcome.view, "langevin").acceptance));
    DOCTEST_CHECK(lane(outcome.view, "tempering").swap_acceptance > 0);
}

DOCTEST_TEST_CASE(
    "race: the seed says every draw, and a sampler's draws do not depend on who runs beside it") {
    Laboratory laboratory({1, "cpu", false}), threads({2, "cpu", false});
    for (Laboratory* one : {&laboratory, &threads})
        one->apply(OpenScene{mixture(), false});
    RaceSettings race = short_race();
    const RaceOutcome first = laboratory.race(race, {}), second = threads.race(race, {});
    for (std::size_t i = 0; i < first.draws.size(); ++i)
        DOCTEST_CHECK(first.draws[i].values == second.draws[i].values);
    race.runners = {{"hmc", 0.25}};
    DOCTEST_CHECK(laboratory.race(race, {}).draws[0].values == first.draws[2].values);
    race.seed = 2;
    DOCTEST_CHECK(laboratory.race(race, {}).draws[0].values != first.draws[2].values);
}

DOCTEST_TEST_CASE("race: modes' exact shares follow the temperature, and tempering comes closest to them") {
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{mixture(), false});
    // The weights of the mixture; a point belongs to the nearest minimum, which moves a little mass.
    const auto shares_of = [&](double temperature) {
        laboratory.apply(ChangeSetting{"sampler.temperature", std::to_string(temperature)});
        RaceSettings race = short_race();
        race.gradients = 60;
        race.warm_up = 10;
        const RaceView view = laboratory.race(race, {}).view;
        DOCTEST_CHECK(view.temperature == doctest::Approx(temperature));
        return view.mode_shares;
    };
    std::vector<double> shares = shares_of(1);
    std::ranges::sort(shares);
    DOCTEST_CHECK(shares[0] == doctest::Approx(0.2).epsilon(0.03));
    DOCTEST_CHECK(shares[1] == doctest::Approx(0.3).epsilon(0.03));
    DOCTEST_CHECK(shares[2] == doctest::Approx(0.5).epsilon(0.03));
    const std::vector<double> cold = shares_of(0.5);
    DOCTEST_CHECK(std::abs(*std::ranges::max_element(cold) - 0.5) > 0.02);
    laboratory.apply(ChangeSetting{"sampler.temperature", "1"});
    RaceSettings race = short_race();
    race.chains = 16;
    race.gradients = 6000;
    race.warm_up = 600;
    race.runners = {{"mala", 0.3}, {"tempering", 0.3}};
    const RaceView view = laboratory.race(race, {}).view;
    DOCTEST_CHECK(lane(view, "tempering").mode_distance < 0.1);
    DOCTEST_CHECK(lane(view, "tempering").mode_distance < lane(view, "mala").mode_distance);
    DOCTEST_CHECK(lane(view, "tempering").r_hat < lane(view, "mala").r_hat);
}

DOCTEST_TEST_CASE("race: steps that are not given are found in a dry run, which counts nothing") {
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{mixture(), false});
    RaceSettings race = short_race();
    race.runners = {{"mala", 0}, {"hmc", 0}};
    race.gradients = 2000;
    const RaceView view = laboratory.race(race, {}).view;
    for (const RaceLane& one : view.lanes) {
        DOCTEST_CAPTURE(one.sampler);
        DOCTEST_CHECK(one.step_found);
        DOCTEST_CHECK(one.step > 1e-3);
        DOCTEST_CHECK(one.gradients <= 2000);
        DOCTEST_CHECK(one.acceptance == doctest::Approx(one.sampler == "hmc" ? 0.8 : 0.574).epsilon(0.2));
    }
}

DOCTEST_TEST_CASE("race: what makes no race is told") {
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{mixture(), false});
    RaceSettings race = short_race();
    race.warm_up = 401;
    DOCTEST_CHECK_THROWS_AS(laboratory.race(race, {}), Error);
    race = short_race();
    race.runners.push_back({"mala", 0.1});
    DOCTEST_CHECK_THROWS_AS(laboratory.race(race, {}), Error);
    race.runners = {{"gibbs", 0.1}};
    DOCTEST_CHECK_THROWS_AS(laboratory.race(race, {}), Error);
    race = short_race();
    race.chains = 1000;
    race.gradients = 1'000'000; // more than memory is meant for
    DOCTEST_CHECK(contains(failure_of([&] { laboratory.race(race, {}); }), "20 million draws"));
    race = short_race();
    race.leapfrogs = 500; // no Hamiltonian move fits in
    DOCTEST_CHECK(contains(failure_of([&] { laboratory.race(race, {}); }), "leapfrogs"));
    race = short_race();
    race.start = ChainStart::data; // there are none
    DOCTEST_CHECK_THROWS_AS(laboratory.race(race, {}), Error);
    // One that flies off stops alone.
    laboratory.apply(ChangeSetting{"sampler.box", "false"});
    laboratory.apply(ChangeSetting{"sampler.drift_limit", "0"});
    race = short_race();
    race.runners = {{"langevin", 5000}, {"mala", 0.2}};
    const RaceView view = laboratory.race(race, {}).view;
    DOCTEST_CHECK_FALSE(view.lanes[0].problem.empty());
    DOCTEST_CHECK(view.lanes[1].problem.empty());
    DOCTEST_CHECK(view.lanes[1].draws > 300);
}

DOCTEST_TEST_CASE("race: it runs while it is shown, on a copy of the model, and pauses and ends when asked") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(StepTraining{5});
    ShownViews shown{};
    laboratory.apply(ShowViews{shown});
    StartRace start{short_race()};
    laboratory.apply(start);
    const auto work = [&](int slices) {
        for (int i = 0; i < slices; ++i)
            laboratory.work(std::chrono::milliseconds(10));
        return look(laboratory).race;
    };
    const auto gradients = [](const std::shared_ptr<const RaceView>& race) {
        return race->lanes.back().gradients;
    };
    DOCTEST_REQUIRE(work(3));
    DOCTEST_CHECK(gradients(work(3)) == 0); // not shown
    shown[static_cast<std::size_t>(View::race)] = true;
    laboratory.apply(ShowViews{shown});
    std::shared_ptr<const RaceView> race = work(3);
    DOCTEST_CHECK(race->iteration == 5);
    laboratory.apply(PauseRace{true});
    race = look(laboratory).race;
    const std::int64_t held = gradients(race);
    DOCTEST_CHECK(race->paused);
    DOCTEST_CHECK(gradients(work(3)) == held);
    laboratory.apply(StepTraining{2}); // the race stays on the model that it began with
    laboratory.apply(PauseRace{false});
    for (int i = 0; i < 3000 && !look(laboratory).race->done; ++i)
        laboratory.work(std::chrono::milliseconds(10));
    race = look(laboratory).race;
    DOCTEST_REQUIRE(race->done);
    DOCTEST_CHECK(race->iteration == 5);
    for (const RaceLane& one : race->lanes) {
        DOCTEST_CHECK(one.measured_draws == one.draws);
        DOCTEST_CHECK(one.draws > 0);
    }
    // An engine with a finished race sleeps.
    DOCTEST_CHECK(laboratory.work(std::chrono::milliseconds(10)).wait > 0);
    laboratory.apply(EndRace{});
    DOCTEST_CHECK_FALSE(look(laboratory).race);
    laboratory.apply(start);
    DOCTEST_CHECK(look(laboratory).race);
    laboratory.apply(OpenScene{mixture(), false});
    DOCTEST_CHECK_FALSE(look(laboratory).race);
}

DOCTEST_TEST_CASE("race: pictures are raced on too, in energy and mean") {
    Scene scene = find_scene("fashion_mnist_convnet");
    Laboratory laboratory({1, "cpu", false});
    try {
        laboratory.apply(OpenScene{scene, false});
    } catch (const Error&) {
        return; // the pictures are not installed; the model alone would do, and opens where they are
    }
    RaceSettings race = short_race();
    race.chains = 3;
    race.gradients = 30;
    race.warm_up = 5;
    const RaceOutcome outcome = laboratory.race(race, {});
    DOCTEST_CHECK(outcome.view.mode_shares.empty());
    for (const RaceLane& one : outcome.view.lanes) {
        DOCTEST_CHECK(one.problem == "");
        DOCTEST_CHECK(one.shown == 3);
        DOCTEST_CHECK(one.pixels.size() == 3 * 784);
    }
    DOCTEST_CHECK(outcome.draws[0].statistics == std::vector<std::string>{"energy", "mean"});
}
