#include "app/panels/step_motion.h"

#include <doctest/doctest.h>

using ebm::lab::ChainsView;
using ebm::panels::StepMotion;

namespace {

/// One chain that was pulled from (0, 0) by (0, 2) and kicked by (1, 0).
ChainsView one_chain(bool accepted) {
    ChainsView chains;
    chains.count = 1;
    chains.positions = accepted ? std::vector<float>{1, 2} : std::vector<float>{0, 0};
    chains.parts = {7, false, {0, 0}, {1, 0}, {0, 2}, {1, 2}, {1}, {0}, {accepted}};
    chains.accepted = {accepted};
    return chains;
}

/// A motion that has seen an earlier step, and the step of `chains` begin at 10 s.
StepMotion begun(const ChainsView& chains) {
    StepMotion motion;
    ChainsView before = chains;
    before.positions = {-1, -1};
    before.parts.step = 6;
    motion.follow(before, true, 1, 10);
    motion.follow(chains, true, 1, 10);
    return motion;
}

} // namespace

DOCTEST_TEST_CASE("slow motion: first the pull, then the kick, then the place of the engine") {
    const ChainsView chains = one_chain(true);
    StepMotion motion = begun(chains);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(0));
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(0));
    motion.follow(chains, true, 1, 10.38);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(0));
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(2));
    DOCTEST_CHECK(motion.moving());
    motion.follow(chains, true, 1, 10.78);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(1));
    DOCTEST_CHECK(motion.kicks().start == std::vector<float>{0, 2});
    motion.follow(chains, true, 1, 12);
    DOCTEST_CHECK(motion.positions() == chains.positions);
    DOCTEST_CHECK_FALSE(motion.moving());
}

DOCTEST_TEST_CASE("slow motion: frames that are as rare as steps show each step with its arrows") {
    StepMotion motion;
    ChainsView chains = one_chain(true);
    for (const double now : {10.0, 11.0, 12.0}) {
        ++chains.parts.step;
        motion.follow(chains, true, 1, now);
    }
    DOCTEST_CHECK(motion.pulls().vector == std::vector<float>{0, 2});
    DOCTEST_CHECK(motion.kicks().vector == std::vector<float>{1, 0});
    DOCTEST_CHECK(motion.positions() == chains.positions);
}

DOCTEST_TEST_CASE("slow motion: a rejected proposal is shown and taken back") {
    const ChainsView chains = one_chain(false);
    StepMotion motion = begun(chains);
    motion.follow(chains, true, 1, 10.78);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(1));
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(2));
    motion.follow(chains, true, 1, 11);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(0));
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(0));
}

DOCTEST_TEST_CASE("full speed and fast slow motion show positions as they are, without arrows") {
    const ChainsView chains = one_chain(true);
    for (const auto& [slow, rate] : {std::pair{false, 4.0}, std::pair{true, 31.0}}) {
        StepMotion motion = begun(chains);
        motion.follow(chains, slow, rate, 10.001);
        DOCTEST_CHECK(motion.positions() == chains.positions);
        DOCTEST_CHECK(motion.kicks().vector.empty());
    }
}

DOCTEST_TEST_CASE("slow motion: as published, the kick comes first and the pull starts where it led") {
    ChainsView chains = one_chain(true);
    chains.parts.noise_first = true;
    StepMotion motion = begun(chains);
    motion.follow(chains, true, 1, 10.38);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(1));
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(0));
    DOCTEST_CHECK(motion.pulls().start == std::vector<float>{1, 0});
    DOCTEST_CHECK(motion.kicks().start == std::vector<float>{0, 0});
}

DOCTEST_TEST_CASE("slow motion: a refused proposal that moves no chain is still a step") {
    ChainsView chains = one_chain(false);
    StepMotion motion = begun(chains);
    motion.follow(chains, true, 1, 13);
    chains.parts.step = 8;
    motion.follow(chains, true, 1, 13);
    motion.follow(chains, true, 1, 13.38);
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(2));
}

DOCTEST_TEST_CASE("slow motion: a jump is one move of its own") {
    ChainsView chains = one_chain(true);
    chains.positions = {3, -1};
    chains.parts = {7, false, {0, 0}, {0, 0}, {0, 0}, {3, -1}, {1}, {1}, {1}};
    StepMotion motion = begun(chains);
    motion.follow(chains, true, 1, 10.4);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(3));
    DOCTEST_CHECK(motion.jumps().vector == std::vector<float>{3, -1});
    DOCTEST_CHECK(motion.kicks().vector == std::vector<float>{0, 0});
}
