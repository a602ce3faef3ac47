#include "app/panels/score_choice.h"
#include "app/panels/score_table.h"
#include "app/window/number_format.h"
#include "core/measure/scores.h"

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
    set.auroc_low = std::isnan(auroc) ? auroc : auroc / 2;
    set.auroc_high = std::isnan(auroc) ? auroc : 0.75;
    set.aupr = std::isnan(auroc) ? auroc : 0.25;
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
        "positive_class,positive_n,score,auroc_low,auroc_high,aupr\n"
        "Held-out data,held-out data,500,1000,-1.25,0.5,0,,,,,energy,,,\n"
        "\"a, b\",out of distribution,500,1000,-1.25,0.5,0,0.3333333333333333,0.125,Held-out data,300,energy,"
        "0.16666666666666666,0.75,0.25\n"
        "c,out of distribution,500,1000,-1.25,0.5,0,,,,,energy,,,\n");
    scores.score = ScoreKind::recovery;
    DOCTEST_CHECK(score_text(scores, ',').find("score_mean,score_sd,scores_not_finite") != std::string::npos);
}

DOCTEST_TEST_CASE("what a score is, an interval and the selected chain's score are said in words") {
    for (const measure::ScoreInfo& info : measure::score_kinds()) {
        const std::string words = score_in_words(info.kind);
        for (const std::string_view part : {info.formula, info.source, info.cost})
            DOCTEST_CHECK(words.find(part) != std::string::npos);
        DOCTEST_CHECK((words.find("never sees an OOD set") != std::string::npos) == info.needs.fit);
    }
    lab::ScoreSet set = set_of("a", lab::SetMeaning::ood, 0.5);
    DOCTEST_CHECK(interval_in_words(set).find("95 % interval " + window::format_number(0.25) + " … " +
                                              window::format_number(0.75)) != std::string::npos);
    set.auroc_low = NAN;
    set.why_no_interval = "a has a single sample";
    DOCTEST_CHECK(interval_in_words(set).find("no interval, because a has a single sample.") !=
                  std::string::npos);
    lab::ScoresView scores;
    scores.score = ScoreKind::mass;
    scores.positive = "Held-out data";
    scores.chain_values = {0, 5};
    for (int i = 0; i <= 100; ++i)
        scores.score_quantiles.push_back(static_cast<float>(i) / 10);
    lab::Snapshot snapshot;
    DOCTEST_CHECK(selected_in_words(snapshot, scores).empty());
    auto trace = std::make_shared<lab::TraceView>();
    trace->chain = 1;
    snapshot.trace = trace;
    DOCTEST_CHECK(selected_in_words(snapshot, scores) ==
                  "Chain 1 as last scored: " + window::format_number(5) + ", above " +
                      window::format_share(0.5) + " of: Held-out data");
    DOCTEST_CHECK(score_convention(scores) == "score = Approximate mass, positive class = Held-out data");
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

DOCTEST_TEST_CASE("an AUROC below 0.5 is a failure only if its interval says that it is no chance") {
    lab::ScoreSet set = set_of("MNIST", lab::SetMeaning::ood, 0.4);
    const auto meaning = [&](double low, double high) {
        set.auroc_low = low;
        set.auroc_high = high;
        return auroc_meaning(set);
    };
    DOCTEST_CHECK(meaning(0.3, 0.49) == window::Meaning::failure);
    DOCTEST_CHECK(meaning(0.3, 0.52) == window::Meaning::text);
    DOCTEST_CHECK(may_be_chance(set));
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    DOCTEST_CHECK(meaning(unknown, unknown) == window::Meaning::failure);
    set.auroc = 0.6;
    DOCTEST_CHECK(meaning(0.4, 0.8) == window::Meaning::text);
}
