#include "core/lab/laboratory.h"
#include "tests/unit/failure.h"
#include "tests/unit/lab/small_scene.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

Scene analytic_scene(const char* energy) {
    Scene scene = small_scene();
    scene.settings.data.set = "none";
    scene.settings.model.energy = energy;
    return scene;
}

StartPartition short_estimate() {
    StartPartition start;
    start.chains = 200;
    start.levels = 200;
    start.leapfrogs = 5;
    start.temperature = 0;
    return start;
}

void show_partition(Laboratory& laboratory, bool shown) {
    ShownViews views{};
    views[static_cast<std::size_t>(View::partition)] = shown;
    laboratory.apply(ShowViews{views});
}

void work_until_done(Laboratory& laboratory) {
    for (int i = 0; i < 20000; ++i) {
        laboratory.work(std::chrono::milliseconds(20));
        const auto view = look(laboratory).partition;
        if (!view || view->done || !view->problem.empty()) return;
    }
}

} // namespace

DOCTEST_TEST_CASE("log Z: watched a level at a time it is what the command line finds, near quadrature") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{analytic_scene("double_well"), false});
    show_partition(laboratory, true);
    laboratory.apply(StartPartition{short_estimate()});
    auto view = look(laboratory).partition;
    DOCTEST_REQUIRE(view);
    DOCTEST_CHECK(view->phase == measure::AnnealPhase::adapting);
    DOCTEST_CHECK(view->settings.temperature == 1); // that of the density
    DOCTEST_CHECK(view->settings.low == -4);
    work_until_done(laboratory);
    view = look(laboratory).partition;
    DOCTEST_REQUIRE(view->found);
    DOCTEST_CHECK(view->path.size() == 201);
    DOCTEST_CHECK(view->path.front().beta == 0);
    DOCTEST_CHECK(view->path.front().log_z == doctest::Approx(2 * std::log(8)));
    DOCTEST_CHECK(view->path.front().effective_chains == doctest::Approx(200));
    DOCTEST_CHECK(view->path.back().beta == doctest::Approx(1));
    DOCTEST_CHECK(view->path.back().log_z == view->found->log_z);
    DOCTEST_CHECK(view->positions.size() == 400);
    // Both ends of the curve, and what lies between them.
    DOCTEST_REQUIRE(view->exact.size() > 5);
    DOCTEST_CHECK(view->exact.front().log_z == doctest::Approx(2 * std::log(8)));
    for (const auto& exact : view->exact) {
        double nearest = 2, estimate = 0;
        for (const measure::AnnealedLevel& level : view->path)
            if (std::abs(level.beta - exact.beta) < nearest) {
                nearest = std::abs(level.beta - exact.beta);
                estimate = level.log_z;
            }
        DOCTEST_CAPTURE(exact.beta);
        DOCTEST_CHECK(std::abs(estimate - exact.log_z) < 0.25);
    }
    DOCTEST_CHECK(std::abs(view->found->log_z - view->exact.back().log_z) < 0.15);
    measure::AnnealSettings same = short_estimate();
    same.temperature = 1;
    DOCTEST_CHECK(laboratory.anneal(same, {}).log_z == view->found->log_z);
    laboratory.apply(EndPartition{});
    DOCTEST_CHECK(!look(laboratory).partition);
}

DOCTEST_TEST_CASE(
    "log Z: held-out data have the likelihood that quadrature gives them, within that of log Z") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    for (int i = 0; i < 30; ++i)
        laboratory.train_iteration();
    show_partition(laboratory, true);
    laboratory.apply(StartPartition{short_estimate()});
    work_until_done(laboratory);
    const auto view = look(laboratory).partition;
    DOCTEST_REQUIRE(view);
    DOCTEST_REQUIRE(view->held_out);
    const auto exact = laboratory.evaluate({}).held_out;
    DOCTEST_REQUIRE(exact);
    DOCTEST_CHECK(view->iteration == 30);
    DOCTEST_CHECK(view->held_out->count == exact->count);
    DOCTEST_CHECK(
        view->held_out->mean + view->found->log_z ==
        doctest::Approx(exact->mean + laboratory.evaluate({}).partition->log_partition).epsilon(1e-4));
    DOCTEST_CHECK(std::abs(view->held_out->mean - exact->mean) < 0.2);
    DOCTEST_CHECK(std::isnan(view->held_out->bits));
}

DOCTEST_TEST_CASE("log Z: of pictures, the uniform density has 8 bits a value, and the chains are pictures") {
    Scene scene = small_scene();
    scene.settings.data.set = "sprites";
    scene.settings.data.count = 60;
    scene.settings.model.energy = "conv";
    scene.settings.model.channels = 4;
    scene.settings.sampler.box_low = -1;
    scene.settings.sampler.box_high = 1;
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{scene, false});
    // Nothing but a millionth of the energy: that is the uniform density on the box.
    show_partition(laboratory, true);
    StartPartition start = short_estimate();
    start.chains = 4;
    start.levels = 2;
    start.leapfrogs = 1;
    start.temperature = 1e6;
    laboratory.apply(start);
    work_until_done(laboratory);
    const auto view = look(laboratory).partition;
    DOCTEST_REQUIRE(view);
    DOCTEST_REQUIRE(view->held_out);
    DOCTEST_CHECK(view->found->log_z == doctest::Approx(3072 * std::numbers::ln2).epsilon(1e-4));
    DOCTEST_CHECK(view->held_out->bits == doctest::Approx(8).epsilon(1e-3));
    DOCTEST_CHECK(view->shown == 4);
    DOCTEST_CHECK(view->pixels.size() == 4 * 3072);
    DOCTEST_CHECK(view->exact.empty());
}

DOCTEST_TEST_CASE("log Z: it waits while nobody looks, and a normalised model has none to estimate") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{analytic_scene("ring"), false});
    show_partition(laboratory, false);
    laboratory.apply(StartPartition{short_estimate()});
    laboratory.work(std::chrono::milliseconds(20));
    DOCTEST_CHECK(look(laboratory).partition->share == 0);
    show_partition(laboratory, true);
    laboratory.work(std::chrono::milliseconds(20));
    laboratory.apply(PausePartition{true});
    const double held = look(laboratory).partition->share;
    DOCTEST_CHECK(held > 0);
    DOCTEST_CHECK(look(laboratory).partition->paused);
    laboratory.work(std::chrono::milliseconds(20));
    DOCTEST_CHECK(look(laboratory).partition->share == held);
    laboratory.apply(PausePartition{false});
    work_until_done(laboratory);
    DOCTEST_CHECK(look(laboratory).partition->done);
    // Another scene is another energy.
    Scene flow = small_scene();
    flow.settings.model.energy = "flow";
    laboratory.apply(OpenScene{flow, false});
    DOCTEST_CHECK(!look(laboratory).partition);
    DOCTEST_CHECK(failure_of([&] {
                      laboratory.apply(StartPartition{short_estimate()});
                  }).find("log Z is 0") != std::string::npos);
}

DOCTEST_TEST_CASE("log Z: held-out data that all lie outside the box have no likelihood, and are counted") {
    Scene scene = small_scene();
    scene.settings.sampler.box_low = 10;
    scene.settings.sampler.box_high = 12;
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{scene, false});
    show_partition(laboratory, true);
    StartPartition start = short_estimate();
    start.levels = 3;
    laboratory.apply(start);
    work_until_done(laboratory);
    const auto view = look(laboratory).partition;
    DOCTEST_REQUIRE(view);
    DOCTEST_REQUIRE(view->held_out);
    DOCTEST_CHECK(view->held_out->count == 0);
    DOCTEST_CHECK(view->held_out->outside > 0);
    DOCTEST_CHECK(std::isnan(view->held_out->mean));
}
