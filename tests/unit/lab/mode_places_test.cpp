#include "core/data/plane.h"
#include "core/lab/laboratory.h"
#include "core/lab/modes.h"
#include "tests/unit/lab/small_scene.h"

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

DOCTEST_TEST_CASE("the places of modes lie in those modes, and have the names of the parts they are") {
    int with_modes = 0;
    for (const data::PlaneSet& set : data::plane_sets()) {
        if (!set.mode_of) continue;
        ++with_modes;
        DOCTEST_CAPTURE(set.name);
        const std::vector<ModePlace> places = mode_places(&set, {});
        DOCTEST_REQUIRE(static_cast<int>(places.size()) == set.modes);
        for (std::size_t mode = 0; mode < places.size(); ++mode) {
            DOCTEST_CHECK(places[mode].points.size() >= 20);
            for (std::size_t i = 0; i + 1 < places[mode].points.size(); i += 2)
                DOCTEST_CHECK(set.mode_of(places[mode].points[i], places[mode].points[i + 1]) ==
                              static_cast<int>(mode));
        }
        if (static_cast<int>(set.classes.size()) != set.modes) continue;
        DOCTEST_CHECK(places.front().name == set.classes.front());
        // A mode is the part of the same number.
        const auto points = set.sample(400, 3);
        const auto labels = set.labels(400, 3);
        int same = 0;
        for (std::size_t i = 0; i < labels.size(); ++i)
            same += set.mode_of(points[2 * i], points[2 * i + 1]) == labels[i];
        DOCTEST_CHECK(same > 380);
    }
    DOCTEST_CHECK(with_modes >= 4);
    DOCTEST_CHECK(mode_places(nullptr, {1, 2}).empty()); // one minimum is no choice
}

DOCTEST_TEST_CASE("chains that are dropped at the place of a mode are in it") {
    Laboratory laboratory(window);
    Scene scene = small_scene();
    scene.settings.data.set = "none";
    scene.settings.model.energy = "gaussian_mixture";
    scene.settings.sampler.chains = 64;
    for (const char* set : {"none", "eight_gaussians"}) {
        scene.settings.data.set = set;
        if (scene.settings.data.set != "none")
            scene.settings.model.energy = small_scene().settings.model.energy;
        laboratory.apply(OpenScene{scene, false});
        const std::shared_ptr<const std::vector<ModePlace>> places = look(laboratory).modes->places;
        DOCTEST_REQUIRE(places);
        DOCTEST_CHECK(places->size() == look(laboratory).modes->shares.size());
        for (std::size_t mode = 0; mode < places->size(); ++mode) {
            DOCTEST_CAPTURE(mode);
            laboratory.apply(DropChains{(*places)[mode].points[0], (*places)[mode].points[1], 64, 0});
            laboratory.refresh_views();
            DOCTEST_CHECK(look(laboratory).modes->shares[mode] == 1);
        }
        DOCTEST_CHECK(look(laboratory).modes->places == places); // not made anew
    }
}
