#include "core/base/names.h"

#include <doctest/doctest.h>

using namespace ebm;

DOCTEST_TEST_CASE("names: edit distance") {
    DOCTEST_CHECK(edit_distance("", "") == 0);
    DOCTEST_CHECK(edit_distance("abc", "") == 3);
    DOCTEST_CHECK(edit_distance("kitten", "sitting") == 3);
    DOCTEST_CHECK(edit_distance("rnigs", "rings") == 1);
    DOCTEST_CHECK(edit_distance("step-size", "step_size") == 0);
}

DOCTEST_TEST_CASE("names: the nearest candidate, or none") {
    const std::vector<std::string> known = {"sampler.step_size", "sampler.steps", "rings", "two_moons"};
    DOCTEST_CHECK(nearest("sampler.stepsize", known) == "sampler.step_size");
    DOCTEST_CHECK(nearest("ring", known) == "rings");
    DOCTEST_CHECK(nearest("two", known) == "two_moons");
    DOCTEST_CHECK(nearest("photographs", known).empty());
    DOCTEST_CHECK(did_you_mean("photographs", std::vector<std::string_view>{"a", "b"}) ==
                  "Known names: a, b.");
}
