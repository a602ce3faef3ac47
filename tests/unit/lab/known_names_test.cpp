#include "core/lab/known_names.h"

#include "core/base/error.h"
#include "core/data/plane.h"
#include "core/energy/energy.h"
#include "core/lab/dataset.h"
#include "core/lab/scene.h"
#include "tests/unit/failure.h"

#include <doctest/doctest.h>

using namespace ebm;

DOCTEST_TEST_CASE("the out-of-distribution sets of every scene whose data are here are known") {
    for (const char* name : {"two_moons", "double_well", "fashion_mnist_convnet", "sprites"}) {
        DOCTEST_CAPTURE(name);
        const Settings settings = lab::find_scene(name).settings;
        const std::vector<std::string> known = lab::known_ood_sets(settings), all = lab::all_ood_sets();
        lab::Dataset dataset;
        try {
            dataset = lab::open_dataset(settings, {});
        } catch (const Error&) {
            continue; // its files are not on this machine
        }
        for (const auto& [set, x] : dataset.ood) {
            DOCTEST_CAPTURE(set);
            DOCTEST_CHECK(std::ranges::count(known, set) == 1);
            DOCTEST_CHECK(std::ranges::count(all, set) == 1);
        }
    }
}

DOCTEST_TEST_CASE("what is registered is offered, whether a scene uses it or not") {
    const auto has = [](const std::vector<std::string>& names, const std::string& name) {
        return std::ranges::count(names, name) == 1;
    };
    const std::vector<std::string> energies = lab::known_names("model.energy"),
                                   sets = lab::known_names("data.set");
    for (const EnergyKind& kind : energy_kinds())
        DOCTEST_CHECK(has(energies, kind.name));
    for (const data::PlaneSet& plane : data::plane_sets())
        DOCTEST_CHECK(has(sets, std::string(plane.name)));
    for (const char* name : {"points", "pictures", "cifar10", "sprites", "drawn"})
        DOCTEST_CHECK(has(sets, name));
    DOCTEST_CHECK(lab::known_names("train.seed").empty());
    Settings settings;
    settings.data.set = "two_moos";
    DOCTEST_CHECK(tests::contains(tests::failure_of([&] { lab::open_dataset(settings, {}); }), "two_moons"));
}
