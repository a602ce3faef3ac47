#include "core/lab/known_names.h"

#include "core/data/plane.h"
#include "core/energy/energy.h"
#include "core/lab/dataset.h"
#include "tests/unit/failure.h"

#include <doctest/doctest.h>

using namespace ebm;

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
