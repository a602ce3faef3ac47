#include "app/panels/step_motion.h"

#include <doctest/doctest.h>

using ebm::lab::ChainsView;
using ebm::panels::StepMotion;

namespace {

/// One chain that went from (0, 0) by a kick of (1, 0) and a drift of (0, 2).
ChainsView one_chain(bool accepted) {
    ChainsView chains;
    chains.count = 1;
    chains.positions = accepted ? std::vector<float>{1, 2} : std::vector<float>{0, 0};
    chains.kick = {1, 0};
    chains.drift = {0, 2};
    chains.accepted = {accepted};
    return chains;
}

/// A motion that has seen an earlier step, and the step of `chains` begin at 10 s.
StepMotion begun(const ChainsView& chains) {
    StepMotion motion;
    ChainsView before = chains;
    before.positions = {-1, -1};
    motion.follow(before, true, 1, 9);
    motion.follow(chains, true, 1, 10);
    return motion;
}

} // namespace

DOCTEST_TEST_CASE("slow motion: first the kick, then the pull, then the place of the engine") {
    const ChainsView chains = one_chain(true);
    StepMotion motion = begun(chains);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(0));
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(0));
    motion.follow(chains, true, 1, 10.38);
    DOCTEST_CHECK(motion.positions()[0] == doctest::Approx(1));
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(0));
    DOCTEST_CHECK(motion.moving());
    motion.follow(chains, true, 1, 10.78);
    DOCTEST_CHECK(motion.positions()[1] == doctest::Approx(2));
    motion.follow(chains, true, 1, 12);
    DOCTEST_CHECK(motion.positions() == chains.positions);
    DOCTEST_CHECK_FALSE(motion.moving());
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
        DOCTEST_CHECK(motion.kick().empty());
    }
}
