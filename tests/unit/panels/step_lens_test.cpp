#include "app/panels/step_lens.h"

#include <doctest/doctest.h>

using namespace ebm;
using panels::step_lens;

namespace {

/// One chain of which the parts are not asked for, and one that is pulled by (−0.03, 0) and kicked by (0,
/// 0.04).
lab::StepParts two_chains() {
    lab::StepParts parts;
    parts.start = {9, 9, 1, 2};
    parts.pull = {9, 9, -0.03f, 0};
    parts.kick = {9, 9, 0, 0.04f};
    parts.proposal = {9, 9, 0.97f, 2.04f};
    parts.jumped = {0, 0};
    parts.accepted = {1, 1};
    return parts;
}

} // namespace

DOCTEST_TEST_CASE(
    "step lens: pull and kick follow each other as they were computed, enlarged by a round factor") {
    lab::StepParts parts = two_chains();
    // 0.04 · 100 pixels go into 90 more than 20 times, and less than 50.
    auto lens = step_lens(parts, 1, 100, 90);
    DOCTEST_REQUIRE(lens);
    DOCTEST_CHECK(lens->factor == 20);
    DOCTEST_CHECK(lens->title() == "Step of #1, \u00d7 20");
    DOCTEST_CHECK(lens->first[0] == doctest::Approx(-0.03));
    DOCTEST_CHECK(lens->first[1] == doctest::Approx(0));
    DOCTEST_CHECK(lens->second[1] == doctest::Approx(0.04));
    for (const std::size_t axis : {0u, 1u})
        DOCTEST_CHECK(lens->second[axis] == doctest::Approx(lens->end[axis]).epsilon(1e-4));
    DOCTEST_CHECK(lens->pull() == doctest::Approx(0.03));
    DOCTEST_CHECK(lens->kick() == doctest::Approx(0.04));
    parts.noise_first = true;
    lens = step_lens(parts, 1, 100, 90);
    DOCTEST_CHECK(lens->first[1] == doctest::Approx(0.04));
    DOCTEST_CHECK(lens->pull() == doctest::Approx(0.03));
    DOCTEST_CHECK(lens->kick() == doctest::Approx(0.04));
}

DOCTEST_TEST_CASE(
    "step lens: what was refused is called so, a jump is one move, and long steps are made smaller") {
    lab::StepParts parts = two_chains();
    parts.accepted[1] = 0;
    DOCTEST_CHECK(step_lens(parts, 1, 100, 90)->refused);
    DOCTEST_CHECK(step_lens(parts, 1, 100, 90)->title() == "Step of #1, refused, \u00d7 20");
    parts.jumped[1] = 1;
    parts.proposal = {9, 9, -3, 2};
    const auto jump = step_lens(parts, 1, 100, 90);
    DOCTEST_REQUIRE(jump);
    DOCTEST_CHECK(jump->jumped);
    DOCTEST_CHECK(jump->first == jump->end);
    DOCTEST_CHECK(jump->factor == 0.2);
}

DOCTEST_TEST_CASE(
    "step lens: there is none without parts, without a chain, or of a chain that stands still") {
    DOCTEST_CHECK_FALSE(step_lens({}, 0, 100, 90));
    DOCTEST_CHECK_FALSE(step_lens(two_chains(), -1, 100, 90));
    DOCTEST_CHECK_FALSE(step_lens(two_chains(), 2, 100, 90));
    lab::StepParts still = two_chains();
    still.pull = still.kick = {0, 0, 0, 0};
    still.proposal = still.start;
    DOCTEST_CHECK_FALSE(step_lens(still, 1, 100, 90));
}
