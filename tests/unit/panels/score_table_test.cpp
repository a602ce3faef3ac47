#include "app/panels/score_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ebm;
using namespace ebm::panels;

namespace {

lab::ScoreSet set_of(const std::string& name, lab::SetMeaning meaning, double auroc) {
    lab::ScoreSet set;
    set.name = name;
    set.meaning = meaning;
    set.count = 500;
    set.total = 1000;
    set.mean = -1.25;
    set.sd = 0.5;
    set.not_finite = 0;
    set.auroc = auroc;
    set.fpr95 = std::isnan(auroc) ? auroc : 0.125;
    return set;
}

} // namespace

DOCTEST_TEST_CASE("the table of scores leaves the window with n, positive class and every digit") {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    lab::ScoresView scores;
    scores.positive = "Held-out data";
    scores.positive_count = 300;
    scores.sets = {set_of("Held-out data", lab::SetMeaning::held_out, unknown),
                   set_of("a, b", lab::SetMeaning::ood, 1.0 / 3), set_of("c", lab::SetMeaning::ood, unknown)};
    DOCTEST_CHECK(
        score_text(scores, ',') ==
        "set,meaning,n,samples,energy_mean_nat,energy_sd_nat,energies_not_finite,auroc,fpr95,"
        "positive_class,positive_n\n"
        "Held-out data,held-out data,500,1000,-1.25,0.5,0,,,,\n"
        "\"a, b\",out of distribution,500,1000,-1.25,0.5,0,0.3333333333333333,0.125,Held-out data,300\n"
        "c,out of distribution,500,1000,-1.25,0.5,0,,,,\n");
}

DOCTEST_TEST_CASE("OOD sets that stand side by side have different hatching and dashes") {
    lab::ScoresView scores;
    scores.sets = {set_of("data", lab::SetMeaning::data, 0), set_of("a", lab::SetMeaning::ood, 0),
                   set_of("b", lab::SetMeaning::ood, 0), set_of("c", lab::SetMeaning::ood, 0),
                   set_of("d", lab::SetMeaning::ood, 0)};
    DOCTEST_CHECK(hatch_of(scores, 0) == Hatch::none);
    for (std::size_t i = 1; i < scores.sets.size(); ++i)
        for (std::size_t j = 1; j < i; ++j) {
            DOCTEST_CHECK(hatch_of(scores, i) != hatch_of(scores, j));
            DOCTEST_CHECK(dash_of(scores, i) != dash_of(scores, j));
        }
}

DOCTEST_TEST_CASE("hatching stays in its rectangle, and two side by side are hatched as one") {
    for (const Hatch hatch : {Hatch::rising, Hatch::falling, Hatch::level, Hatch::crossed}) {
        const auto whole = hatching({10, 20}, {50, 60}, hatch, 7);
        DOCTEST_CHECK(whole.size() > 3);
        double length = 0;
        for (const auto& [from, to] : whole) {
            for (const ImVec2 end : {from, to}) {
                DOCTEST_CHECK(end.x >= 9.99f);
                DOCTEST_CHECK(end.x <= 50.01f);
                DOCTEST_CHECK(end.y >= 19.99f);
                DOCTEST_CHECK(end.y <= 60.01f);
            }
            length += to.x - from.x;
        }
        double parts = 0;
        for (const auto& part :
             {hatching({10, 20}, {31, 60}, hatch, 7), hatching({31, 20}, {50, 60}, hatch, 7)})
            for (const auto& [from, to] : part)
                parts += to.x - from.x;
        DOCTEST_CHECK(std::abs(parts - length) < 0.01);
    }
    DOCTEST_CHECK(hatching({10, 20}, {50, 60}, Hatch::none, 7).empty());
    DOCTEST_CHECK(hatching({10, 20}, {10, 60}, Hatch::level, 7).empty());
}
