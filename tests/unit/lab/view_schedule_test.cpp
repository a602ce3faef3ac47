#include "core/lab/view_schedule.h"

#include "small_scene.h"

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;

DOCTEST_TEST_CASE(
    "the verdict on a run is due again after a quarter of a second, however long it and other views took") {
    ComputeDevice device;
    const Scene scene = tests::small_scene();
    SceneRun run(scene, scene.settings, device, nullptr, {});
    Watch watch;
    watch.open(run, {}, "");
    ViewSchedule views(false);
    views.open(run, watch, false);
    ShownViews shown{};
    shown[static_cast<std::size_t>(View::health)] = true;
    views.show(shown);

    // The machine was busy: the first verdict took 100 seconds.
    double time = 0;
    DOCTEST_REQUIRE(views.refresh_due(run, watch, time, [] { return 100.0; }));
    time = 100;
    views.chains_moved();
    DOCTEST_CHECK(views.refresh_verdict(run, watch, time));
    DOCTEST_CHECK_FALSE(views.refresh_verdict(run, watch, time + 10)); // nothing changed since
    views.chains_moved();
    DOCTEST_CHECK_FALSE(views.refresh_verdict(run, watch, time + 0.2)); // too soon
    DOCTEST_CHECK(views.next_due(run, watch) == doctest::Approx(time + 0.25));

    views.show(ShownViews{});
    DOCTEST_CHECK_FALSE(views.refresh_verdict(run, watch, time + 10));
}
